/** Of the report; light or dark as the browser is. */
export const STYLE = `
:root { --text: #1c1c22; --quiet: #62626d; --line: #dcdce2; --card: #f6f6f8; --bar: #3d6fd6; --page: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e9e9ee; --quiet: #a0a0ac; --line: #3a3a42; --card: #222228; --bar: #7da2f0; --page: #17171b; }
}
body { font: 16px/1.45 system-ui, sans-serif; color: var(--text); background: var(--page); max-width: 75rem; margin: 2rem auto; padding: 0 1.25rem; }
h1 { margin: 0; overflow-wrap: anywhere; }
h2 { margin: 2.5rem 0 .5rem; font-size: 1.25rem; }
.quiet { color: var(--quiet); overflow-wrap: anywhere; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem 1rem .3rem 0; text-align: right; border-bottom: 1px solid var(--line); font-weight: normal; }
thead th { color: var(--quiet); }
th[scope=row], .left td { text-align: left; overflow-wrap: anywhere; }
figure { margin: 1rem 0; }
svg { width: 100%; max-height: 12rem; fill: var(--bar); }
svg text { font: 10px system-ui, sans-serif; fill: var(--quiet); text-anchor: middle; }
figcaption { color: var(--quiet); }
.words { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: 0; list-style: none; }
summary { cursor: pointer; padding: .25rem 0; }
.grid { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); }
.pairs { grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); }
article { background: var(--card); border-radius: .5rem; padding: .75rem; }
.pairs article { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; }
article img { width: 100%; height: 11rem; object-fit: contain; }
article p { margin: .5rem 0 0; }
article ul { margin: .25rem 0 0; padding-inline-start: 1.1rem; }
.split { border: 1px solid var(--line); border-radius: 1rem; padding: 0 .5rem; }
`;
