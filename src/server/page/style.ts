/** The one style sheet, served as it stands here. */
export const style = `:root {
  color-scheme: light dark;
  --page: #f5f6f8;
  --card: #ffffff;
  --ink: #1a1f26;
  --soft: #5a6572;
  --line: #dde2e8;
  --link: #0b57b0;
  --good: #14733b;
  --bad: #b3202a;
  --warn: #8a5300;
  --live: #0b57b0;
  --quiet: #55606c;
  --log: #12161c;
  --log-ink: #dfe5ec;
  --wash: 9%;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1318;
    --card: #181d24;
    --ink: #e6eaef;
    --soft: #9aa6b3;
    --line: #2a323c;
    --link: #7db7ff;
    --good: #5fd08b;
    --bad: #ff8a8a;
    --warn: #f0b354;
    --live: #7db7ff;
    --quiet: #a5b0bc;
    --log: #0a0d11;
    --wash: 16%;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0;
  background: var(--page);
  color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
}
a { color: var(--link); text-underline-offset: 2px; text-decoration-thickness: 1px; }
a:not(:hover) { text-decoration-color: color-mix(in srgb, currentColor 35%, transparent); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: -99em; }
.skip:focus { left: 8px; top: 8px; background: var(--card); padding: 6px 10px; z-index: 2; }
.bar {
  display: flex; align-items: center; justify-content: space-between; gap: 16px;
  padding: 10px max(16px, calc((100vw - 1080px) / 2)); min-height: 52px;
  background: var(--card); border-bottom: 1px solid var(--line);
}
.brand { display: inline-flex; align-items: center; gap: 8px; color: var(--ink); font-weight: 650; text-decoration: none; }
.brand svg { color: var(--link); }
.who { display: flex; align-items: center; gap: 12px; color: var(--soft); min-width: 0; }
.who .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
main { max-width: 1112px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: 24px; line-height: 1.25; margin: 0; font-weight: 650; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 0; font-weight: 650; }
code { font: 0.92em/1 var(--mono); }
button, select, input {
  font: inherit; color: inherit; background: var(--card);
  border: 1px solid var(--line); border-radius: 7px; padding: 7px 12px; min-height: 38px;
}
input[type="checkbox"] { min-height: 0; accent-color: var(--link); }
button { cursor: pointer; font-weight: 550; }
button:hover { border-color: var(--soft); }
button.plain { border-color: transparent; background: none; color: var(--link); padding: 7px 4px; font-weight: 400; }
button.danger { background: #b3202a; border-color: #b3202a; color: #fff; }
label { color: var(--soft); font-size: 13px; }
[hidden] { display: none !important; }

.filters { display: flex; flex-wrap: wrap; gap: 12px; align-items: end; margin: 16px 0; }
.filters label { display: grid; gap: 4px; }
.filters select { color: var(--ink); font-size: 15px; min-width: 150px; max-width: 100%; }
.filters .clear { padding: 8px 4px; }

.runs { list-style: none; margin: 0; padding: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
.run {
  position: relative; display: grid; gap: 4px 20px; padding: 13px 18px; align-items: start;
  grid-template-columns: 126px minmax(0, 1fr) minmax(0, 1.25fr);
}
.run + .run { border-top: 1px solid var(--line); }
.run:hover { background: color-mix(in srgb, var(--link) 4%, transparent); }
.run .title { color: var(--ink); font-weight: 600; text-decoration: none; overflow-wrap: anywhere; }
.run .title::after { content: ""; position: absolute; inset: 0; }
.run .title:focus-visible { outline: none; }
.run:has(.title:focus-visible) { outline: 2px solid var(--link); outline-offset: -2px; border-radius: 10px; }
.run .progress::first-letter, .lead::first-letter { text-transform: uppercase; }
.run .progress { margin: 0; color: var(--soft); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.run .facts, .columns .facts { display: grid; grid-template-columns: 1fr 1.4fr 1fr 1fr; gap: 16px; margin: 0; }
.columns { display: grid; gap: 4px 20px; padding: 0 19px 6px; grid-template-columns: 126px minmax(0, 1fr) minmax(0, 1.25fr); color: var(--soft); font-size: 12.5px; }
.run dt { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.grid dt { color: var(--soft); font-size: 12px; line-height: 1.4; }
.run dd, .grid dd { margin: 0; overflow-wrap: anywhere; }
.run dd { display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden; font-size: 14px; }
.took { display: block; color: var(--soft); font-size: 13px; }
.pages { display: flex; gap: 20px; justify-content: flex-end; margin: 16px 2px; }

.state {
  --tone: var(--quiet);
  display: inline-flex; align-items: center; gap: 7px; justify-self: start; white-space: nowrap;
  padding: 2px 11px 2px 8px; border-radius: 99px; font-size: 13.5px; font-weight: 600; line-height: 1.6;
  color: var(--tone); background: color-mix(in srgb, var(--tone) var(--wash), transparent);
}
.state svg { width: 14px; height: 14px; flex: none; fill: none; stroke: currentColor; stroke-width: 2.2; stroke-linecap: round; stroke-linejoin: round; }
.good { --tone: var(--good); } .bad { --tone: var(--bad); } .warn { --tone: var(--warn); } .live { --tone: var(--live); }
.live svg { animation: turn 1.6s linear infinite; }
@keyframes turn { to { transform: rotate(1turn); } }
@media (prefers-reduced-motion: reduce) { .live svg { animation: none; } }

.empty, .login { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 36px 28px; }
.empty { text-align: center; }
.empty p { color: var(--soft); max-width: 54ch; margin: 8px auto; }
.empty pre { display: inline-block; max-width: 100%; overflow-x: auto; text-align: left; background: var(--log); color: var(--log-ink); padding: 14px 18px; border-radius: 8px; font: 13px/1.6 var(--mono); margin: 12px 0; }
.login { max-width: 420px; margin: 6vh auto 0; padding: 28px; }
.login p { color: var(--soft); }
.login form, .cancel form { display: grid; gap: 14px; }
.login label, .cancel label { display: grid; gap: 5px; }
.login button { background: #0b57b0; border-color: #0b57b0; color: #fff; }
.fault { color: var(--bad) !important; font-weight: 550; }

.trail { color: var(--soft); margin-bottom: 10px; overflow-wrap: anywhere; }
.headline { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 14px; }
.headline .state { font-size: 15px; }
.lead { font-size: 17px; margin: 6px 0 0; overflow-wrap: anywhere; white-space: pre-line; }
.note { color: var(--soft); margin: 4px 0 0; overflow-wrap: anywhere; white-space: pre-line; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(165px, 1fr)); gap: 14px 24px; margin: 20px 0; padding: 16px 18px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.outputs .grid { grid-template-columns: repeat(auto-fill, minmax(260px, 1fr)); margin-top: 8px; }
summary { cursor: pointer; color: var(--link); padding: 4px 0; width: fit-content; }
.cancel { margin: 0 0 20px; }
.cancel form { max-width: 460px; padding: 16px 18px; margin-top: 8px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.cancel p { margin: 0; }
.cancel button { justify-self: start; }

.log { margin-top: 20px; }
.log-bar { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 18px; padding: 10px 16px; background: var(--card); border: 1px solid var(--line); border-bottom: 0; border-radius: 10px 10px 0 0; position: sticky; top: 0; z-index: 1; }
.log-bar .link { color: var(--soft); font-size: 13px; margin-right: auto; }
.log-bar .follow { display: inline-flex; gap: 6px; align-items: center; color: var(--ink); }
#log { background: var(--log); color: var(--log-ink); border-radius: 0 0 10px 10px; padding: 14px 16px; min-height: 52px; color-scheme: dark; }
#log pre { margin: 0; font: 13px/1.55 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 4; content-visibility: auto; contain-intrinsic-size: auto 1000px; }
.earlier, .silence { margin: 0; padding: 8px 16px; color: var(--soft); background: var(--card); border: 1px solid var(--line); }
.earlier { border-bottom: 0; }
.silence { border: 0; background: none; padding: 10px 2px; }
.earlier button { margin-left: 8px; }

.docs { max-width: 860px; }
.docs h2 { margin: 36px 0 6px; font-size: 18px; overflow-wrap: anywhere; }
.docs h2 code { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 3px 7px; }
.docs table { border-collapse: collapse; width: 100%; margin: 10px 0; font-size: 14px; }
.docs td, .docs th { text-align: left; vertical-align: top; padding: 6px 14px 6px 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.docs th { color: var(--soft); font-weight: 500; white-space: nowrap; }

@media (max-width: 860px) {
  .columns { display: none; }
  .run { grid-template-columns: minmax(0, 1fr) auto; }
  .run .what { grid-column: 1 / -1; grid-row: 1; padding-right: 132px; }
  .run .state { grid-column: 2; grid-row: 1; }
  .run .progress { white-space: normal; margin: 4px -132px 2px 0; }
  .run .facts { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: 0 8px; color: var(--soft); }
  .run .facts > div:not(:last-child)::after { content: "\\b7"; margin-left: 8px; }
  .run .facts > div:nth-last-child(2)::after { display: none; }
  .run .facts > div { display: flex; min-width: 0; }
  .run .facts > div:last-child { flex-basis: 100%; }
  .run dd { display: block; font-size: 13.5px; }
  .took { display: inline; font-size: inherit; }
  .took::before { content: ", "; }
}
@media (max-width: 560px) {
  main { padding: 18px 12px 40px; }
  .filters { display: grid; grid-template-columns: 1fr 1fr; }
  .filters label:first-child { grid-column: 1 / -1; }
  .filters select { width: 100%; min-width: 0; }
  .run { padding: 12px 14px; }
  .grid { grid-template-columns: 1fr 1fr; gap: 12px 16px; padding: 14px; }
  .log { margin-inline: -12px; }
  .log-bar, #log { border-radius: 0; border-inline: 0; }
  #log, .silence { padding: 12px; }
  #log pre { font-size: 12px; }
}
`;
