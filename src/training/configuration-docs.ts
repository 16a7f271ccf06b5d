import { type ConfigurationKey, configurationKeys } from './configuration-keys.js';

const START = `# Configuration of training

Every setting has a default, so that a configuration names only what differs:

\`\`\`json
{ "decoder": { "cell": "gru" }, "stages": { "decoder": { "epochs": 4 } } }
\`\`\`

\`legenda train that.json\` reads it from a file; \`--set decoder.cell=gru\` sets one key, after the file. A value is JSON, or
text without quotes. An unknown key is an error that names the nearest one. A run keeps its whole configuration in
\`report.json\`, in each checkpoint and in the model card.

This page is made from the schema in \`src/training/configuration.ts\`: after a change there run
\`UPDATE_DOCS=1 npx vitest run test/training/configuration-docs.test.ts\`.`;

/** The page docs/configuration.md: every key with what is allowed, its default, its unit and the reason. */
export function configurationDocs(): string {
  const keys = configurationKeys();
  const sections = keys.filter(({ kind }) => kind === 'section');
  const own = (section: string) =>
    keys.filter(({ key, kind }) => kind !== 'section' && key.slice(0, -lastOf(key).length) === section);
  const pages = [
    ['## The run', table(own(''))],
    ...sections.map(({ key, description }) => {
      const rows = own(`${key}.`);
      return rows.length === 0 ? [] : [`## ${key}`, sentence(description), table(rows)];
    }),
  ];
  return [START.trimEnd(), ...pages.flat().filter((part) => part !== ''), '']
    .join('\n\n')
    .trimEnd()
    .concat('\n');
}

function lastOf(key: string): string {
  return key.split('.').at(-1) as string;
}

function table(rows: readonly ConfigurationKey[]): string {
  const lines = rows.map(({ key, allowed, default: value, unit, description }) => {
    const given = value === undefined ? 'none' : `\`${JSON.stringify(value)}\``;
    return [`\`${lastOf(key)}\``, given, unit, allowed, sentence(description)];
  });
  return [
    ['key', 'default', 'unit', 'allowed', 'what and why'],
    ['---', '---', '---', '---', '---'],
    ...lines,
  ]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

function sentence(text: string): string {
  return text === '' || text.endsWith('.') ? text : `${text}.`;
}
