/** Of the report, beside what all pages have. */
export const STYLE = `
:root { --line-1: var(--one); --line-2: var(--two); --line-3: var(--three); --line-4: var(--four); --line-5: var(--five); --line-6: var(--six); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 1.25rem; }
figcaption { font-weight: 600; }
polyline { fill: none; stroke-width: 1.75; stroke-linejoin: round; }
.grid { stroke: var(--rule); } .stage { stroke: var(--quiet); stroke-dasharray: 3 3; }
.legend span::before { content: ""; display: inline-block; width: .8rem; height: .2rem; margin: 0 .4rem .25rem .8rem; background: var(--line); }
section { display: flex; flex-wrap: wrap; gap: 1.25rem; border-top: 1px solid var(--rule); padding: 1rem 0; }
section > div { flex: 1 1 24rem; } section figure { width: 12rem; } section img { max-width: 100%; }
section figcaption { font-weight: normal; color: var(--quiet); overflow-wrap: anywhere; }
details p { overflow-wrap: anywhere; }
pre { overflow-x: auto; border: 1px solid var(--rule); padding: 1rem; font-size: .85rem; }
`;
