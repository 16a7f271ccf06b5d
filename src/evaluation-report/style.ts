import { MAP_STYLE } from '../explain/index.js';

/** Of this page, beside what all have. */
export const STYLE = `
h2 { border-top: 1px solid var(--rule); padding-top: 1rem; }
h3 { font-size: 1.15rem; margin: 0 0 .4rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; padding: 0; list-style: none; }
figcaption span, .legend-line { color: var(--quiet); }
td.value { text-align: right; }
.scroll { overflow-x: auto; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1.5rem; }
.chart figcaption { font-weight: 600; }
li { overflow-wrap: anywhere; }
.left-out { max-height: 20rem; overflow: auto; }
.legend-line { margin: 0; }
.swatch { display: inline-block; width: .8em; height: .8em; }
.series-1 { fill: var(--one); background: var(--one); }
.series-2 { fill: var(--two); background: var(--two); }
.axis { stroke: var(--quiet); }
.diagonal { stroke: var(--quiet); stroke-dasharray: 4 4; }
article { display: grid; grid-template-columns: minmax(0, 18rem) minmax(0, 1fr); gap: 0 1.2rem; margin: 1rem 0;
  padding: 1rem; background: var(--card); border-radius: .5rem; overflow-wrap: anywhere; }
article > img { width: 100%; max-height: 18rem; object-fit: contain; object-position: top left; }
article ul { margin: .3rem 0; padding-left: 1.2rem; }
article p { margin: .3rem 0; }
article details { grid-column: 1 / -1; margin-top: .6rem; }
details .words { margin-top: .6rem; }
@media (max-width: 40rem) { article { grid-template-columns: minmax(0, 1fr); } }
${MAP_STYLE}.words figure { width: min(100%, 14rem); }
`;
