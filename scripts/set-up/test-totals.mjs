import { writeFileSync } from 'node:fs';

/** @typedef {{ passed: number, failed: number, skipped: { name: string, reason: string }[] }} Totals */

/** A vitest reporter that writes the totals as JSON to the file that LEGENDA_TEST_TOTALS names. */
// biome-ignore lint/style/noDefaultExport: vitest takes a reporter from the default export.
export default class TestTotals {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    /** @type {Totals} */
    const totals = { passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const module of modules) {
      // A file that cannot be loaded, or a hook that fails, has no failed test to show for it.
      const suites = [module, ...module.children.allSuites()];
      totals.failed += suites.filter((suite) => suite.errors().length > 0).length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') totals.passed += 1;
        else if (result.state === 'failed') totals.failed += 1;
        else {
          const unsaid =
            test.options.mode === 'todo' ? 'not written yet' : 'its condition does not hold here';
          const reason = (result.state === 'skipped' ? result.note : undefined) ?? unsaid;
          totals.skipped.push({ name: `${module.relativeModuleId} > ${test.fullName}`, reason });
        }
      }
    }
    const file = process.env.LEGENDA_TEST_TOTALS;
    if (file !== undefined) writeFileSync(file, JSON.stringify(totals));
  }
}
