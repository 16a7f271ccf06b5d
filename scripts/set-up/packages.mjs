import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './run.mjs';

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} LockedPackage */
/** @typedef {{ packages?: Record<string, LockedPackage> }} LockFile */

/**
 * One line if this Node.js is too old, else undefined.
 * @param {string} version of Node.js, such as "20.19.0"
 * @param {string} range as package.json's `engines` gives it, such as ">=20.19"
 */
export function nodeVersionProblem(version, range) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = range.replace('>=', '').split('.').map(Number);
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return undefined;
  return `Legenda needs Node.js ${leastMajor}.${leastMinor} or newer; this is ${version}.`;
}

/**
 * Whether what npm installed is what the lock file names. Optional packages may be absent: most are for other platforms.
 * @param {LockFile} lock package-lock.json
 * @param {LockFile} installed node_modules/.package-lock.json
 */
export function installedMatchesLock(lock, installed) {
  const wanted = Object.entries(lock.packages ?? {}).filter(([path]) => path !== '');
  const present = installed.packages ?? {};
  const names = new Set(wanted.map(([path]) => path));
  if (Object.keys(present).some((path) => !names.has(path))) return false;
  return wanted.every(([path, entry]) => {
    const found = present[path];
    if (found === undefined) return entry.optional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/** @param {string} path @returns {LockFile | undefined} */
function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Installs the packages of the lock file unless they are installed. Returns one line if that fails, else undefined.
 * @param {string} root of the repository
 */
export async function ensurePackages(root) {
  const modules = join(root, 'node_modules');
  const lock = readLock(join(root, 'package-lock.json'));
  if (lock === undefined) return 'package-lock.json is missing or damaged.';
  const installed = readLock(join(modules, '.package-lock.json'));
  if (installed !== undefined && installedMatchesLock(lock, installed)) return undefined;
  console.error('Installing packages (about 280 MB to download the first time) …');
  // "npm ci" empties node_modules first, and with it the TensorFlow that scripts/setup put there.
  const { code } = await npm(existsSync(modules) ? ['install', '--no-save'] : ['ci'], {
    cwd: root,
    show: true,
  });
  return code === 0 ? undefined : 'npm could not install the packages: see its message above.';
}
