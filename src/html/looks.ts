/** What all pages look like, light or dark as the browser is. */
export const LOOKS = `
:root { color-scheme: light dark; --text: #1c1c22; --quiet: #5b5b66; --rule: #d8d8de; --back: #fff; --card: #f6f6f9; --link: #1f5fa8;
  --one: #2563b8; --two: #c2410c; --three: #15803d; --four: #9333ea; --five: #b45309; --six: #0e7490; }
@media (prefers-color-scheme: dark) { :root { --text: #e9e9ee; --quiet: #a3a3af; --rule: #3a3a44; --back: #16161b; --card: #202027;
  --link: #8abdf5; --one: #7db1f5; --two: #fb923c; --three: #6ed38c; --four: #c99bfb; --five: #fbbf24; --six: #5fd0e6; } }
body { font: 16px/1.45 system-ui, sans-serif; color: var(--text); background: var(--back); margin: 1.5rem auto; padding: 0 1.25rem;
  max-width: 80rem; }
a, summary { color: var(--link); }
summary { cursor: pointer; padding: .2rem 0; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
h1 { font-size: 1.6rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; }
.quiet { color: var(--quiet); overflow-wrap: anywhere; }
figure { margin: 0; }
svg { width: 100%; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: var(--quiet); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .2rem 1rem .2rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
th { font-weight: 600; }
`;
