import { ensureProgram } from './programs.mjs';

const BROWSER = {
  name: 'A browser',
  commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  package: 'chromium',
};

/** Makes Chromium ready for tests. @param {(text: string) => void} say */
export const ensureBrowser = (say) => ensureProgram(BROWSER, say);
