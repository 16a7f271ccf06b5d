/** Of the report, in light and dark. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1c1c22; --quiet: #5d5d68; --back: #fff; --rule: #dcdce2;
  --line-1: #2563b8; --line-2: #c2410c; --line-3: #15803d; --line-4: #9333ea; --line-5: #b45309; --line-6: #0e7490; }
@media (prefers-color-scheme: dark) { :root { --text: #ececf1; --quiet: #a3a3b0; --back: #17171c; --rule: #3a3a44;
  --line-1: #7db1f5; --line-2: #fb923c; --line-3: #6ed38c; --line-4: #c99bfb; --line-5: #fbbf24; --line-6: #5fd0e6; } }
body { font: 16px/1.45 system-ui, sans-serif; color: var(--text); background: var(--back); margin: 1.5rem auto; padding: 0 1rem; max-width: 84rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 1.25rem; }
figure { margin: 0; } figcaption { font-weight: 600; }
svg { width: 100%; height: auto; } svg text { font-size: 12px; fill: var(--quiet); }
polyline { fill: none; stroke-width: 1.75; stroke-linejoin: round; }
.grid { stroke: var(--rule); } .stage { stroke: var(--quiet); stroke-dasharray: 3 3; }
.legend span::before { content: ""; display: inline-block; width: .8rem; height: .2rem; margin: 0 .4rem .25rem .8rem; background: var(--line); }
table { border-collapse: collapse; } th, td { text-align: left; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
td { font-variant-numeric: tabular-nums; }
section { display: flex; flex-wrap: wrap; gap: 1.25rem; border-top: 1px solid var(--rule); padding: 1rem 0; }
section > div { flex: 1 1 24rem; } section figure { width: 12rem; } section img { max-width: 100%; }
section figcaption { font-weight: normal; color: var(--quiet); overflow-wrap: anywhere; }
.people, .none { color: var(--quiet); } details p { overflow-wrap: anywhere; }
pre { overflow-x: auto; border: 1px solid var(--rule); padding: 1rem; font-size: .85rem; }
`;
