import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser of this machine; undefined if it has none, and tests in a browser are skipped. */
export const BROWSER: string | undefined = [process.env.CHROMIUM ?? '', ...PLACES].find(existsSync);

export function startBrowser(): Promise<Browser> {
  if (BROWSER === undefined) throw new Error('there is no Chromium: set CHROMIUM to its path');
  // Its sandbox needs rights that containers and the user root do not have; it sees nothing but our own page.
  return chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox'] });
}
