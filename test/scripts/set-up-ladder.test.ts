import { describe, expect, it } from 'vitest';
import { decide, type Facts, wheelsFor } from '../../scripts/set-up/ladder.mjs';

const fresh: Facts = {
  packageInstalled: true,
  loadError: 'the addon is missing',
  platform: 'linux',
  arch: 'x64',
  glibc: true,
  wheelUnpacked: false,
};

/** What each step finds out on a machine; climbing stops where the ladder says so. */
function climb(machine: Partial<Facts>, found: Record<string, Partial<Facts>>) {
  let facts: Facts = { ...fresh, ...machine };
  const steps: string[] = [];
  for (;;) {
    const decision = decide(facts);
    if (!('step' in decision)) return { steps, end: decision };
    expect(steps).not.toContain(decision.step);
    steps.push(decision.step);
    facts = { ...facts, ...found[decision.step] };
  }
}

const unreachable = { installerError: 'getaddrinfo ENOTFOUND' };
const loads = { loadError: undefined };
const allTools = { missingTools: [] };

describe('making TensorFlow ready', () => {
  it('does nothing where it loads', () => {
    expect(climb(loads, {})).toEqual({ steps: [], end: { done: true } });
  });

  it('stops after the installer of the package where that works', () => {
    expect(climb({}, { install: loads })).toEqual({ steps: ['install'], end: { done: true } });
  });

  it('takes libtensorflow from PyPI where the installer cannot download', () => {
    const found = {
      install: unreachable,
      findTools: allTools,
      wheel: { wheelUnpacked: true },
      build: loads,
    };
    expect(climb({}, found)).toEqual({
      steps: ['install', 'findTools', 'wheel', 'build'],
      end: { done: true },
    });
  });

  it('does not download again after a run that could not build', () => {
    const found = { findTools: allTools, build: loads };
    expect(climb({ wheelUnpacked: true }, found).steps).toEqual(['findTools', 'build']);
  });

  it('downloads 230 MB only where they can be built on, and names all that lacks at once', () => {
    const found = { install: unreachable, findTools: { missingTools: ['g++', 'make', 'python3'] } };
    const { steps, end } = climb({}, found);
    expect(steps).toEqual(['install', 'findTools']);
    expect(end).toMatchObject({ lacks: expect.stringContaining('g++, make and python3') });
  });

  it('says why when the wheel cannot be had or the addon not be built', () => {
    const noWheel = { install: unreachable, findTools: allTools, wheel: { wheelError: 'no index' } };
    expect(climb({}, noWheel).end).toMatchObject({ lacks: expect.stringContaining('no index') });
    const noBuild = { findTools: allTools, build: { buildError: 'fatal error' } };
    expect(climb({ wheelUnpacked: true }, noBuild).end).toMatchObject({
      lacks: expect.stringContaining('fatal error'),
    });
  });

  it.each([
    ['macOS', { platform: 'darwin', arch: 'arm64', glibc: false }, 'darwin on arm64'],
    ['Windows', { platform: 'win32', arch: 'x64', glibc: false }, 'win32 on x64'],
    ['32-bit ARM', { arch: 'arm' }, 'linux on arm'],
    ['Alpine', { glibc: false }, 'glibc'],
  ])('has only the installer on %s, and names the reason when that fails', (_, machine, reason) => {
    const { steps, end } = climb(machine, { install: unreachable });
    expect(steps).toEqual(['install']);
    expect(end).toMatchObject({ lacks: expect.stringContaining(reason) });
    expect(end).toMatchObject({ lacks: expect.stringContaining('ENOTFOUND') });
  });

  it('tells an installation without the optional package how to get it', () => {
    const { end } = climb({ packageInstalled: false, ...loads }, {});
    expect(end).toMatchObject({ lacks: expect.stringContaining('npm install @tensorflow/tfjs-node') });
  });

  it('pins the bytes of every wheel, for the processor it is built for', () => {
    const linux = { platform: 'linux', glibc: true };
    for (const [arch, tag] of [
      ['x64', 'x86_64'],
      ['arm64', 'aarch64'],
    ] as const) {
      const wheels = wheelsFor({ ...linux, arch });
      expect(wheels[0]).toMatchObject({ version: '2.18.1' });
      for (const wheel of wheels) {
        expect(wheel.platformTag).toContain(tag);
        expect(wheel.sha256).toMatch(/^[0-9a-f]{64}$/);
      }
    }
  });
});
