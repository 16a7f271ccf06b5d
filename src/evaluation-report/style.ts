import { MAP_STYLE } from '../explain/index.js';

/** The page's looks, in light and dark. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1c1c22; --faint: #5b5b66; --line: #d8d8de; --back: #fff; --card: #f6f6f9;
  --link: #1f5fa8; --one: #2b6cb0; --two: #d08b3e; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e6ec; --faint: #a2a2ae; --line: #3a3a44; --back: #16161b;
  --card: #202027; --link: #8abdf5; --one: #6fa8e6; --two: #e5a860; } }
body { font: 16px/1.45 system-ui, sans-serif; color: var(--text); background: var(--back); margin: 0 auto; padding: 1.5rem;
  max-width: 76rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
h1 { font-size: 1.6rem; margin: 0; }
h2 { border-top: 1px solid var(--line); padding-top: 1rem; margin-top: 2rem; font-size: 1.3rem; }
h3 { font-size: 1.15rem; margin: 0 0 .4rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; padding: 0; list-style: none; }
.faint, figcaption span, .legend-line { color: var(--faint); }
table { border-collapse: collapse; }
th, td { text-align: left; padding: .2rem 1.2rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.value { font-variant-numeric: tabular-nums; text-align: right; }
th { font-weight: 600; }
.scroll { overflow-x: auto; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1.5rem; }
.chart { margin: 0; }
.chart figcaption { font-weight: 600; }
.chart svg { width: 100%; height: auto; }
li, .faint { overflow-wrap: anywhere; }
.left-out { max-height: 20rem; overflow: auto; }
.chart text { font: 12px system-ui, sans-serif; fill: var(--faint); }
.legend-line { margin: 0; }
.swatch { display: inline-block; width: .8em; height: .8em; }
.series-1 { fill: var(--one); background: var(--one); }
.series-2 { fill: var(--two); background: var(--two); }
.axis { stroke: var(--faint); }
.diagonal { stroke: var(--faint); stroke-dasharray: 4 4; }
article { display: grid; grid-template-columns: minmax(0, 18rem) minmax(0, 1fr); gap: 0 1.2rem; margin: 1rem 0;
  padding: 1rem; background: var(--card); border-radius: .5rem; overflow-wrap: anywhere; }
article > img { width: 100%; max-height: 18rem; object-fit: contain; object-position: top left; }
article ul { margin: .3rem 0; padding-left: 1.2rem; }
article p { margin: .3rem 0; }
article details { grid-column: 1 / -1; margin-top: .6rem; }
summary { cursor: pointer; color: var(--link); }
details .words { margin-top: .6rem; }
@media (max-width: 40rem) { article { grid-template-columns: minmax(0, 1fr); } }
${MAP_STYLE}.words figure { width: min(100%, 14rem); }
`;
