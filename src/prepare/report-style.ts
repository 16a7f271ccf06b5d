/** Of the report, beside what all pages have. */
export const STYLE = `
thead th, td { text-align: right; }
th { font-weight: normal; }
thead th { color: var(--quiet); }
.left td { text-align: left; overflow-wrap: anywhere; }
figure { margin: 1rem 0; }
svg { max-height: 12rem; fill: var(--one); }
svg text { font-size: 10px; text-anchor: middle; }
figcaption { color: var(--quiet); }
.words { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: 0; list-style: none; }
.grid { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); }
.pairs { grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); }
article { background: var(--card); border-radius: .5rem; padding: .75rem; }
.pairs article { display: grid; grid-template-columns: 1fr 1fr; gap: .75rem; }
article img { width: 100%; height: 11rem; object-fit: contain; }
article p { margin: .5rem 0 0; }
article ul { margin: .25rem 0 0; padding-inline-start: 1.1rem; }
.split { border: 1px solid var(--rule); border-radius: 1rem; padding: 0 .5rem; }
`;
