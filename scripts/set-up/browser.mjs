import { ensureProgram, findProgram } from './programs.mjs';

const BROWSER = {
  name: 'A browser',
  commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  package: 'chromium',
};

/** The path of a Chromium, if there is one. */
export const findBrowser = () => findProgram(BROWSER);

/** Makes Chromium ready for tests. @param {(text: string) => void} say */
export const ensureBrowser = (say) => ensureProgram(BROWSER, say);
