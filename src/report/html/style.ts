import { Markup } from './markup.ts';

/** Of all reports. Colours are Okabe and Ito's, told apart with any kind of colour vision. */
export const STYLE = new Markup(`
:root{color-scheme:light dark;--ground:#fbfbfa;--card:#fff;--ink:#1c2126;--quiet:#5b6570;--line:#dfe3e6;--grid:#ebeef0;--blue:#0b6e99;--orange:#b45f06;--green:#0a7a55;--red:#b3261e;--violet:#7a4fa3;--heat:#094261}
@media (prefers-color-scheme:dark){:root{--ground:#14181b;--card:#1b2024;--ink:#e5e9ec;--quiet:#9aa5af;--line:#333b41;--grid:#272e33;--blue:#56b4e9;--orange:#e69f00;--green:#3fc59a;--red:#ff8577;--violet:#c5a3e8;--heat:#99d8f7}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.2rem clamp(.75rem,3vw,2rem) 2rem;max-width:84rem;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
h1,h2,h3,p,ul,dl,dd,figure,pre{margin:0;padding:0}
h1{font-size:1.25rem}
h2{font-size:1.05rem;margin:1.6rem 0 .5rem}
h3{font-size:.95rem}
.quiet{color:var(--quiet);font-size:.85rem}
header{margin-bottom:.8rem}
.finding{font-size:1.15rem;line-height:1.45;margin:.8rem 0;max-width:60rem;text-wrap:pretty}
.verdict{border:1px solid var(--line);border-left:5px solid var(--green);border-radius:6px;background:var(--card);padding:.5rem .9rem}
.verdict.bad{border-left-color:var(--red)}
.verdict ul{padding-left:1.1rem;font-size:.9rem}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,30rem),1fr));gap:.8rem}
figure{min-width:0;background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.6rem .75rem .5rem}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{fill:var(--quiet);font-size:11.5px;font-family:inherit;dominant-baseline:middle}
svg .end{text-anchor:end}
svg .middle{text-anchor:middle}
.grid{stroke:var(--grid)}
.line{fill:none;stroke:currentColor;stroke-width:1.75;stroke-linejoin:round}
.line.dashed{stroke-dasharray:6 4}
.leader{fill:none;stroke:var(--line)}
.mark{fill:none;stroke:currentColor}
.heat{fill:var(--heat)}
.blue{color:var(--blue)}.orange{color:var(--orange)}.green{color:var(--green)}.red{color:var(--red)}.violet{color:var(--violet)}.line.quiet,li.quiet{color:var(--quiet)}
.legend{display:flex;flex-wrap:wrap;gap:.1rem 1rem;list-style:none}.legend li{font-size:.8rem}
.legend li::before{content:"";display:inline-block;width:1.2em;margin-right:.4em;vertical-align:.28em;border-top:2.5px solid currentColor}
.legend li.dashed::before{border-top-style:dashed}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.9rem}
th,td{text-align:right;padding:.2rem .7rem;border-bottom:1px solid var(--grid);white-space:nowrap}
th:first-child,td:first-child{text-align:left;padding-left:0}
thead th{color:var(--quiet);font-weight:500;font-size:.8rem}
tbody th{font-weight:600}
td:has(.shade){padding:0;height:1px}.shade{display:block;height:100%;padding:.2rem .7rem}.shade small{display:block;color:var(--quiet)}.s1{background:color-mix(in srgb,var(--orange) 8%,transparent)}.s2{background:color-mix(in srgb,var(--orange) 16%,transparent)}.s3{background:color-mix(in srgb,var(--orange) 24%,transparent)}.s4{background:color-mix(in srgb,var(--orange) 34%,transparent)}.s5{background:color-mix(in srgb,var(--orange) 46%,transparent)}
.pairs{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;font-size:.9rem}
.pairs dt{color:var(--quiet)}
.pairs dd{overflow-wrap:anywhere}
section>ul{padding-left:1.1rem}
pre+pre{margin-top:.5rem}
pre{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.6rem .8rem;overflow-x:auto;font:13px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
details{margin-top:.6rem}
summary{cursor:pointer;color:var(--blue)}
.good{color:var(--green)}.bad-text{color:var(--red)}
@media (max-width:30rem){svg text{font-size:17px}}
@media print{:root{color-scheme:light;--ground:#fff;--card:#fff;--ink:#000;--quiet:#444;--line:#bbb;--grid:#ddd;--blue:#0b6e99;--orange:#b45f06;--green:#0a7a55;--red:#b3261e;--violet:#7a4fa3;--heat:#094261}html,body{font-size:11px}body{max-width:none;padding:0}.charts{grid-template-columns:1fr 1fr}figure,tr,.verdict{break-inside:avoid}h2{break-after:avoid}svg text{font-size:17px}details::details-content{content-visibility:visible;height:auto}pre{white-space:pre-wrap}.scroll{overflow:visible}table{font-size:10px}thead th{font-size:9px}th,td,.shade{padding:.1rem .3rem}.heat,.shade{print-color-adjust:exact}}
`);
