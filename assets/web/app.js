// The page: it keeps the newest state of every job, as the server's stream tells it, and draws what changed.
import { Viewer } from "/static/viewer.js";

const at = (id) => document.getElementById(id);
const jobs = new Map();
let chosen = "", shown = "", viewer, engines = [];

function make(tag, props = {}, ...children) {
  const e = Object.assign(document.createElement(tag), props);
  e.append(...children);
  return e;
}

// call asks the server; what goes wrong is said in its own words.
async function call(path, options) {
  const r = await fetch(path, options);
  if (r.ok) return r;
  let p = {};
  try { p = await r.json(); } catch { /* a proxy's own page */ }
  throw Object.assign(new Error(p.detail || `the server answers ${r.status}`), { hint: p.hint, status: r.status });
}

let hush;
function complain(err) {
  at("message").replaceChildren(make("b", { textContent: err.message }), make("div", { className: "faint", textContent: err.hint || "" }));
  at("message").hidden = false;
  clearTimeout(hush);
  hush = setTimeout(() => { at("message").hidden = true; }, 8000);
}

const act = (path, method = "POST") => call(path, { method }).catch(complain);

// ---- the queue

const word = {
  queued: () => "waiting", running: (j) => j.step || j.stage || "starting", cancelled: () => "cancelled", failed: (j) => j.problem,
  done: (j) => `done in ${((new Date(j.ended) - new Date(j.started)) / 1000).toFixed(1)} s`,
};

function row(j) {
  const over = ["done", "failed", "cancelled"].includes(j.state);
  const buttons = make("div");
  const button = (text, title, path, method) => buttons.append(make("button", { className: "quiet", textContent: text, title, ariaLabel: `${title}: ${j.title}`, onclick: (e) => { e.stopPropagation(); act(path, method); } }));
  if (j.state === "failed" || j.state === "cancelled") button("↻", "Try again", `/api/jobs/${j.id}/retry`);
  if (over) button("✕", "Remove", `/api/jobs/${j.id}`, "DELETE");
  else button("■", "Stop", `/api/jobs/${j.id}/cancel`);
  const text = make("div", {}, make("b", { textContent: j.title, title: j.picture }),
    make("small", { className: j.state, textContent: word[j.state](j), title: j.hint || "" }));
  if (j.state === "running") text.append(make("progress", { max: 1, value: j.progress }));
  const old = document.getElementById("job-" + j.id);
  const img = old ? old.querySelector("img") : make("img", { src: `/api/jobs/${j.id}/picture`, alt: "", loading: "lazy" });
  const li = make("li", { id: "job-" + j.id, tabIndex: 0, role: "option", onclick: () => choose(j.id) }, img, text, buttons);
  li.onkeydown = (e) => { if (e.key === "Enter" && e.target === li) choose(j.id); };
  li.ariaSelected = j.id === chosen;
  if (old) old.replaceWith(li); else at("jobs").append(li);
}

function take(j) {
  if (j.state === "removed") {
    jobs.delete(j.id);
    document.getElementById("job-" + j.id)?.remove();
    if (j.id === chosen) choose([...jobs.keys()].pop() || "");
  } else {
    jobs.set(j.id, j);
    row(j);
    if (!chosen) choose(j.id);
    else if (j.id === chosen) showJob();
  }
  at("empty").hidden = jobs.size > 0;
}

function choose(id) {
  document.getElementById("job-" + chosen)?.setAttribute("aria-selected", "false");
  chosen = id;
  document.getElementById("job-" + chosen)?.setAttribute("aria-selected", "true");
  showJob();
}

// ---- the chosen job

const fact = (name, value, className = "") => [make("dt", { textContent: name }), make("dd", { textContent: value, className })];

function showJob() {
  const j = jobs.get(chosen);
  bars(j);
  const c = j?.result?.certificate;
  at("download").ariaDisabled = String(!c);
  at("facts").replaceChildren();
  at("notes").replaceChildren();
  if (!c) {
    at("download").removeAttribute("href");
    at("says").textContent = !j ? "Meshes are shown here." : [j.problem || word[j.state](j), j.hint].filter(Boolean).join(" ");
    if (shown && viewer) viewer.show(null);
    shown = "";
    return;
  }
  const side = (i) => (c.max[i] - c.min[i]).toFixed(1);
  at("facts").append(...fact("Size", `${side(0)} × ${side(1)} × ${side(2)} mm`), ...fact("Volume", `${(c.volume / 1000).toFixed(1)} cm³`),
    ...fact("Triangles", c.triangles.toLocaleString("en").replaceAll(",", " ")),
    ...fact("Solid", c.closed ? (c.printable ? "closed, printable" : "closed") : "not closed", c.closed ? "good" : "bad"));
  at("notes").append(...[`Cut out by ${j.result.cutout}.`, ...(j.result.notes || [])].map((n) => make("li", { textContent: n })));
  link();
  showMesh(j);
}

function link() {
  const j = jobs.get(chosen);
  if (j?.state === "done") at("download").href = `/api/jobs/${j.id}/mesh/${at("format").value}${at("format").value === "obj" ? "/zip" : ""}`;
}

async function showMesh(j) {
  const key = j.id + j.ended;
  if (shown === key || !viewer) return;
  shown = key;
  at("says").textContent = "loading the mesh";
  try {
    const data = await (await call(`/api/jobs/${j.id}/mesh/glb`)).arrayBuffer();
    if (shown !== key) return;
    await viewer.show(data);
    at("says").textContent = "";
    document.body.dataset.shown = j.id;
  } catch (err) {
    if (shown === key) shown = "";
    at("says").textContent = err.message;
  }
}

function bars(j) {
  const stages = j?.stages || ["preprocess", "shape", "texture", "postprocess", "export"].map((name) => ({ name, progress: 0, seconds: 0 }));
  const memory = at("memory") || make("div", { id: "memory" });
  at("bars").replaceChildren(...stages.map((s) => make("div", {}, make("b", { textContent: s.name }),
    make("progress", { max: 1, value: s.progress, className: s.progress === 1 ? "full" : "" }),
    make("small", { textContent: s.seconds || s.progress ? `${s.seconds.toFixed(2)} s` : " " }))), memory);
}

async function readMemory() {
  try {
    const g = await (await call("/api/gpu")).json();
    const d = g.devices[0], gb = (b) => (b / 2 ** 30).toFixed(1);
    const [used, total] = d?.total_bytes ? [d.used_bytes, d.total_bytes] : [g.ram_total_bytes - g.ram_available_bytes, g.ram_total_bytes];
    if (!at("memory")) bars(jobs.get(chosen));
    at("memory").replaceChildren(make("b", { textContent: d ? d.name : "Memory" }), make("progress", { className: "memory", max: total, value: used }),
      make("small", { textContent: `${gb(used)} of ${gb(total)} GB${d ? "" : ", the CPU does the work"}`, title: g.note || "" }));
  } catch { /* the stream says when the server is gone */ }
}

// ---- settings and uploads

function settings() {
  const options = {};
  for (const e of at("options").querySelectorAll("[name]")) options[e.name] = e.type === "checkbox" ? e.checked : e.type === "range" ? e.valueAsNumber : e.value;
  return { engine: at("engine").value, size_mm: at("size").valueAsNumber, along: at("along").value, faces: at("faces").valueAsNumber, texture: at("texture").value, keep_background: at("background").checked, options };
}

function option(s) {
  if (typeof s.default === "boolean") return make("label", { className: "check", title: s.about }, make("input", { type: "checkbox", name: s.name, checked: s.default }), " " + s.title);
  if (s.choices) return make("label", { title: s.about }, s.title, make("select", { name: s.name }, ...s.choices.map((c) => make("option", { value: c.name, textContent: c.title, selected: c.name === s.default }))));
  const output = make("output");
  const input = make("input", { type: "range", name: s.name, min: s.min, max: s.max, step: (s.max - s.min) / 200 });
  input.oninput = () => { output.textContent = s.unit === "%" ? `${Math.round(100 * input.value)} %` : `${Math.round(100 * input.value) / 100} ${s.unit || ""}`; };
  if (Number.isInteger(s.default) && Number.isInteger(s.min) && Number.isInteger(s.max) && !s.unit) input.step = 1;
  else input.step = "any";
  input.value = s.default;
  input.oninput();
  return make("label", { title: s.about }, s.title, output, input);
}

function chooseEngine() {
  const e = engines.find((e) => e.name === at("engine").value);
  at("about").textContent = e.about;
  at("options").replaceChildren(...e.settings.map(option));
}

async function send(files) {
  if (!files.length || !at("settings").reportValidity()) return;
  const form = new FormData();
  form.append("settings", JSON.stringify(settings()));
  for (const f of files) form.append("picture", f, f.name);
  try {
    const r = await (await call("/api/jobs", { method: "POST", body: form, headers: { "Idempotency-Key": crypto.getRandomValues(new Uint32Array(4)).join("-") } })).json();
    r.jobs.forEach(take);
    choose(r.jobs[0].id);
  } catch (err) {
    complain(err);
  }
}

const files = (list) => [...list].filter((f) => f.size > 0);
addEventListener("dragover", (e) => { e.preventDefault(); at("drop").classList.add("over"); });
addEventListener("dragleave", (e) => { if (!e.relatedTarget) at("drop").classList.remove("over"); });
addEventListener("drop", (e) => { e.preventDefault(); at("drop").classList.remove("over"); send(files(e.dataTransfer.files)); });
addEventListener("paste", (e) => send(files(e.clipboardData.files)));
at("choose").onchange = async (e) => { await send(files(e.target.files)); e.target.value = ""; };
at("engine").onchange = chooseEngine;
at("format").onchange = link;
at("settings").onsubmit = (e) => e.preventDefault();
at("pause").onclick = () => act(at("pause").dataset.does);

// ---- the stream

function takeQueue(q) {
  at("pause").hidden = q.watches;
  at("pause").textContent = q.paused || q.problem ? "Resume" : "Pause";
  at("pause").dataset.does = q.paused || q.problem ? "/api/queue/resume" : "/api/queue/pause";
  if (q.problem) complain({ message: q.problem, hint: q.hint });
}

// connect listens until the server is gone, then tries again. All there is comes first, so what is not heard of again has
// been removed meanwhile.
function connect() {
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`);
  socket.onopen = () => { for (const id of [...jobs.keys()]) take({ id, state: "removed" }); };
  socket.onmessage = (e) => { const m = JSON.parse(e.data); if (m.job) take(m.job); if (m.queue) takeQueue(m.queue); };
  socket.onclose = () => { setTimeout(connect, 2000); };
}

// unlock asks for the token until it is right; the server changes it for a cookie that scripts cannot read.
async function unlock() {
  for (;;) {
    await new Promise((done) => { at("ask").onclose = done; at("ask").showModal(); });
    try {
      await call("/api/session", { method: "POST", headers: { Authorization: `Bearer ${at("token").value}` } });
      return;
    } catch { at("wrong").hidden = false; }
  }
}

async function start() {
  try {
    await call("/api/queue");
  } catch (err) {
    if (err.status !== 401) throw err;
    await unlock();
  }
  const [e, f] = await Promise.all(["/api/engines", "/api/formats"].map(async (p) => (await call(p)).json()));
  engines = e.engines;
  at("engine").append(...engines.map((x) => make("option", { value: x.name, textContent: x.title, selected: x.name === e.defaults.engine })));
  at("format").append(...f.formats.map((x) => make("option", { value: x.name, textContent: x.title })));
  at("size").value = e.defaults.size_mm;
  at("faces").value = e.defaults.faces;
  chooseEngine();
  try {
    viewer = new Viewer(at("view"));
  } catch (err) {
    at("says").textContent = err.message;
  }
  bars();
  connect();
  readMemory();
  setInterval(readMemory, 3000);
}

start().catch(complain);
