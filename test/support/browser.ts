import { type Browser, chromium } from 'playwright-core';
import { findBrowser } from '../../scripts/set-up/browser.mjs';

const path = findBrowser();

/** Whether there is no browser to test with; for `describe.skipIf`. */
export const noBrowser = path === undefined;

export function startBrowser(): Promise<Browser> {
  if (path === undefined) throw new Error('there is no Chromium: npm test installs it where it may');
  // Its sandbox needs rights that containers and the user root do not have; it sees nothing but our own page.
  return chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
}
