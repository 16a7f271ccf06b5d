import { describe, expect, it } from 'vitest';
import { installedMatchesLock, nodeVersionProblem } from '../../scripts/set-up/packages.mjs';
import { reasonIn } from '../../scripts/set-up/run.mjs';

const lock = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/b-darwin': { version: '1.0.0', integrity: 'sha512-b', optional: true },
  },
};
const a = { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } };

describe('whether the installed packages are those of the lock file', () => {
  it('accepts an installation without the packages of other platforms', () => {
    expect(installedMatchesLock(lock, { packages: a })).toBe(true);
  });

  it.each([
    ['a missing package', {}],
    ['another version', { 'node_modules/a': { version: '1.1.0', integrity: 'sha512-a' } }],
    ['other bytes', { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-z' } }],
    [
      'another version of an optional package',
      { ...a, 'node_modules/b-darwin': { version: '2.0.0', integrity: 'sha512-b' } },
    ],
    ['a package that the lock file no longer names', { ...a, 'node_modules/c': { version: '1.0.0' } }],
  ])('installs again after %s', (_, packages) => {
    expect(installedMatchesLock(lock, { packages })).toBe(false);
  });
});

describe('the version of Node.js', () => {
  it.each(['20.19.0', '20.20.2', '22.0.0', '24.21.0'])('%s serves', (version) => {
    expect(nodeVersionProblem(version, '>=20.19')).toBeUndefined();
  });

  it.each(['20.18.3', '18.20.0'])('%s is refused in one line that names what is needed', (version) => {
    expect(nodeVersionProblem(version, '>=20.19')).toBe(
      `Legenda needs Node.js 20.19 or newer; this is ${version}.`,
    );
  });
});

describe('the reason in what a failed program printed', () => {
  const failed = { code: 1, timedOut: false };
  it.each([
    [
      'npm',
      'npm error code 1\nnpm error path /x\nnpm error command failed\nnpm error Error: getaddrinfo ENOTFOUND host\nnpm error A complete log of this run can be found in: /x',
      'Error: getaddrinfo ENOTFOUND host',
    ],
    [
      'pip',
      'ERROR: Could not find a version that satisfies the requirement a==1\nERROR: No matching distribution found for a==1',
      'Could not find a version that satisfies the requirement a==1',
    ],
    [
      'the compiler',
      'In file included from a.cc:1:\na.cc:30:10: fatal error: b.h: No such file\ncompilation terminated.\ngyp ERR! build error',
      'a.cc:30:10: fatal error: b.h: No such file',
    ],
    ['a program that says nothing of an error', 'one\ntwo\n\n', 'two'],
    ['a silent program', '', 'it ended with code 1'],
  ])('of %s is one line', (_, output, reason) => {
    expect(reasonIn({ ...failed, output })).toBe(reason);
  });

  it('names a time limit', () => {
    expect(reasonIn({ ...failed, timedOut: true, output: 'x' })).toBe('it took too long');
  });
});
