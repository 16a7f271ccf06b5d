/**
 * The ladder by which TensorFlow for Node.js is made ready, as decisions alone: what is known goes in, the next step comes
 * out. tensorflow.mjs takes the steps.
 *
 * @typedef {object} Facts what is known so far; a step that was not tried is undefined
 * @property {boolean} packageInstalled whether tfjs-node lies in node_modules
 * @property {string | undefined} loadError why TensorFlow does not load; undefined when it loads
 * @property {string} platform as `process.platform`
 * @property {string} arch as `process.arch`
 * @property {boolean} glibc whether the C library is glibc, for which the wheels are built
 * @property {boolean} wheelUnpacked whether libtensorflow of a wheel lies in the package
 * @property {string[]} [missingTools] what building needs and this machine lacks
 * @property {string} [installerError] why the package's own installer did not do
 * @property {string} [wheelError] why the wheel could not be had
 * @property {string} [buildError] why the addon could not be built
 *
 * @typedef {'install' | 'findTools' | 'wheel' | 'build'} Step
 * @typedef {{ step: Step } | { done: true } | { lacks: string }} Decision
 *
 * @typedef {object} Wheel a wheel of PyPI that carries libtensorflow
 * @property {string} project
 * @property {string} version
 * @property {string} platformTag
 * @property {string} sha256 of the wheel for CPython 3.11; only its C++ libraries are used
 */

/** Best first; both were tried with @tensorflow/tfjs-node 4.22. @type {Record<string, Wheel[]>} */
const linuxWheels = {
  x64: [
    {
      project: 'tensorflow-cpu',
      version: '2.18.1',
      platformTag: 'manylinux2014_x86_64',
      sha256: '810c75d7149d2da0cb2092187817b0dcabb80728ca9f9cf3a61f3f42fadd1298',
    },
    {
      project: 'tensorflow-cpu',
      version: '2.13.1',
      platformTag: 'manylinux2014_x86_64',
      sha256: '87be6e61314b2c0fa062f71e26e41d6a17e162ffe4da72c820fe8f1fc94d97fe',
    },
  ],
  // PyPI has no tensorflow-cpu for 64-bit ARM; its tensorflow there is built without GPU kernels.
  arm64: [
    {
      project: 'tensorflow',
      version: '2.18.1',
      platformTag: 'manylinux2014_aarch64',
      sha256: '8a6485edd2148f70d011dbd1d8dc2c775e91774a5a159466e83d0d1f21580944',
    },
  ],
};

/**
 * The wheels that serve a machine, best first; none outside Linux with glibc.
 * @param {Pick<Facts, 'platform' | 'arch' | 'glibc'>} machine
 * @returns {Wheel[]}
 */
export function wheelsFor({ platform, arch, glibc }) {
  return platform === 'linux' && glibc ? (linuxWheels[arch] ?? []) : [];
}

/** @param {Facts} facts @returns {string} why no wheel serves this machine */
function noWheel({ platform, arch, glibc, installerError }) {
  const cause =
    platform === 'linux' && !glibc
      ? 'TensorFlow is built for glibc, and this Linux has another C library'
      : `PyPI's wheels serve Linux on x64 and arm64 only, and this is ${platform} on ${arch}`;
  return `the installer of @tensorflow/tfjs-node failed (${installerError}), and ${cause}`;
}

/** The next step up the ladder, or its end. @param {Facts} facts @returns {Decision} */
export function decide(facts) {
  if (!facts.packageInstalled) {
    return {
      lacks: 'the package @tensorflow/tfjs-node is not installed (npm install @tensorflow/tfjs-node)',
    };
  }
  if (facts.loadError === undefined) return { done: true };
  // An unpacked wheel means that the installer failed before: go on from there.
  if (!facts.wheelUnpacked && facts.installerError === undefined) return { step: 'install' };
  if (!facts.wheelUnpacked && wheelsFor(facts).length === 0) return { lacks: noWheel(facts) };
  if (facts.missingTools === undefined) return { step: 'findTools' };
  if (facts.missingTools.length > 0) {
    return {
      lacks: `libtensorflow has to be fetched and built on, which needs ${listed(facts.missingTools)}`,
    };
  }
  if (facts.wheelError !== undefined) return { lacks: `libtensorflow cannot be had: ${facts.wheelError}` };
  if (!facts.wheelUnpacked) return { step: 'wheel' };
  if (facts.buildError === undefined) return { step: 'build' };
  return { lacks: `its addon for Node.js cannot be built: ${facts.buildError}` };
}

/** @param {string[]} names */
function listed(names) {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
