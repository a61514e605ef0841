// The page: asks the server, shows what came of it, remembers it in this browser.

import { Microphone } from "/page/microphone.js";
import { drawSpectrogram } from "/page/spectrogram.js";
import { Viewer, readPLY } from "/page/viewer.js";

const $ = (id) => document.getElementById(id);
const viewer = new Viewer($("cloud"));
const HISTORY = "sonoform-history";
const REMEMBERED = 20;
let current = null;

// --- Asking ---

function headers(extra) {
  const token = $("token").value.trim();
  return token ? { ...extra, Authorization: `Bearer ${token}` } : extra;
}

async function ask(path, options) {
  const response = await fetch(path, { ...options, headers: headers(options.headers ?? {}) });
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({ title: `The server answered ${response.status}.` }));
  throw new Error(problem.expected ? `${problem.title} ${problem.detail}` : problem.detail ?? problem.title);
}

function query() {
  return new URLSearchParams({ points: $("points").value, seed: $("seed").value, signals: $("signals").value });
}

function say(text, isBad = false) {
  $("status").textContent = text;
  $("status").classList.toggle("bad", isBad);
}

async function working(body) {
  for (const button of document.querySelectorAll("#write button, #choose, #choose-folder")) button.disabled = true;
  try {
    return await body();
  } catch (error) {
    say(error.message, true);
    return null;
  } finally {
    for (const button of document.querySelectorAll("#write button, #choose, #choose-folder")) button.disabled = false;
  }
}

async function convert(options, name, recording) {
  say(`Making ${name} …`);
  const start = performance.now();
  const response = await ask(`/v1/clouds?${query()}`, { method: "POST", ...options, headers: { ...options.headers, Accept: "application/json" } });
  const made = await response.json();
  show(made, recording);
  remember(made);
  say(`Made in ${((performance.now() - start) / 1000).toFixed(2)} s.`);
}

const convertText = (text) =>
  working(() => convert({ body: JSON.stringify({ text }), headers: { "Content-Type": "application/json" } }, `“${text}”`, null));

const convertRecording = (blob, name) =>
  working(() => convert({ body: blob, headers: { "Content-Type": "application/octet-stream" } }, name, blob));

async function convertFiles(files) {
  const chosen = [...files].filter((file) => file.type.startsWith("audio/") || /\.(wav|flac|ogg|opus|oga|aiff?|caf|rf64|w64)$/i.test(file.name));
  if (!chosen.length) return say("No recordings among those files.", true);
  for (const file of chosen) await convertRecording(file, file.name);
}

// --- Showing ---

function show(made, recording) {
  current = made;
  const cloud = readPLY(Uint8Array.from(atob(made.cloud), (letter) => letter.charCodeAt(0)).buffer);
  viewer.show(cloud);
  $("cloud").scrollIntoView({ block: "nearest", behavior: "smooth" });
  $("cloud").setAttribute("aria-label", `Point cloud: ${made.description}`);
  $("heard").textContent = made.heard ? `“${made.heard}”` : made.description;
  $("objects").replaceChildren(...made.objects.map((object) => {
    const item = document.createElement("li");
    item.textContent = object.description;
    const points = document.createElement("span");
    points.className = "faint";
    points.textContent = ` ${object.points.toLocaleString("en")} points`;
    item.append(points);
    return item;
  }));
  if (made.confidence != null) {
    const item = document.createElement("li");
    item.className = "faint";
    item.textContent = `confidence ${made.confidence.toFixed(2)}`;
    $("objects").append(item);
  }
  const notes = [
    ...(made.substitutions ?? []).map((kind) => `“${kind.asked}” is made as a kind of “${kind.made}”`),
    ...(made.unplaced ?? []).map((word) => `no place for “${word}”`),
    ...(made.warnings ?? []),
  ];
  for (const note of notes) {
    const item = document.createElement("li");
    item.textContent = note;
    $("objects").append(item);
  }
  $("downloads").hidden = false;
  $("spectrogram").hidden = !recording;
  if (recording) spectrogram(recording);
}

async function spectrogram(recording) {
  try {
    const response = await ask("/v1/features?kind=whisper", { method: "POST", body: recording, headers: { "Content-Type": "application/octet-stream" } });
    drawSpectrogram($("spectrogram"), await response.arrayBuffer());
  } catch {
    $("spectrogram").hidden = true;
  }
}

// The scene is rendered again: the same seed and points give the same cloud in another format.
async function download(format) {
  const name = current.description.replace(/[^a-z0-9]+/gi, "-").slice(0, 60) || "cloud";
  if (format === "scene") return save(new Blob([JSON.stringify(current.scene)], { type: "application/json" }), `${name}.scene.json`);
  const parameters = query();
  parameters.set("format", format);
  const response = await ask(`/v1/scenes/render?${parameters}`, {
    method: "POST", body: JSON.stringify(current.scene), headers: { "Content-Type": "application/json" },
  });
  save(await response.blob(), `${name}.${format === "ply-ascii" ? "ply" : format}`);
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// --- Remembering ---

function history() {
  try {
    return JSON.parse(localStorage.getItem(HISTORY)) ?? [];
  } catch {
    return [];
  }
}

function remember(made) {
  const entries = [{ heard: made.heard, description: made.description, scene: made.scene }, ...history()];
  // A browser keeps a few megabytes: the oldest go first.
  for (let count = Math.min(REMEMBERED, entries.length); count > 0; count--) {
    try {
      localStorage.setItem(HISTORY, JSON.stringify(entries.slice(0, count)));
      break;
    } catch {}
  }
  list();
}

function list() {
  const entries = history();
  $("history").replaceChildren(...entries.map((entry) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = entry.heard || entry.description;
    button.addEventListener("click", () => working(async () => {
      say("Making it again …");
      const response = await ask(`/v1/scenes/render?${query()}`, {
        method: "POST", body: JSON.stringify(entry.scene), headers: { "Content-Type": "application/json", Accept: "application/json" },
      });
      show(await response.json(), null);
      say("");
    }));
    const item = document.createElement("li");
    item.append(button);
    return item;
  }));
  $("forget").hidden = !entries.length;
}

// --- The microphone ---

const microphone = new Microphone();
let isRecording = false;

async function toggleRecording() {
  if (isRecording) {
    isRecording = false;
    $("record").setAttribute("aria-pressed", "false");
    $("record-label").textContent = "Speak";
    $("level").value = 0;
    const wav = await microphone.stop();
    await convertRecording(wav, "what you said");
    $("partial").textContent = "";
    return;
  }
  try {
    await microphone.start((level) => ($("level").value = isRecording ? level : 0));
  } catch (error) {
    return say(`The microphone cannot be used: ${error.message}`, true);
  }
  isRecording = true;
  say("");
  $("record").setAttribute("aria-pressed", "true");
  $("record-label").textContent = "Make it";
  hearMeanwhile();
}

// What is heard so far, again and again while one speaks.
async function hearMeanwhile() {
  while (isRecording) {
    await new Promise((resolve) => setTimeout(resolve, 900));
    if (!isRecording || microphone.seconds < 0.7) continue;
    const form = new FormData();
    form.append("file", microphone.wav(), "so-far.wav");
    try {
      const response = await ask("/v1/audio/transcriptions", { method: "POST", body: form });
      const { text } = await response.json();
      if (isRecording) $("partial").textContent = text;
    } catch {}
  }
}

// --- What a person does ---

$("record").addEventListener("click", toggleRecording);
$("write").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (text) convertText(text);
});
$("choose").addEventListener("click", () => $("files").click());
$("choose-folder").addEventListener("click", () => $("folder").click());
for (const id of ["files", "folder"]) {
  $(id).addEventListener("change", (event) => {
    convertFiles(event.target.files);
    event.target.value = "";
  });
}
$("downloads").addEventListener("click", (event) => {
  const format = event.target.dataset?.format;
  if (format && current) working(() => download(format));
});
$("forget").addEventListener("click", () => {
  localStorage.removeItem(HISTORY);
  list();
});
const drop = $("drop");
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", name === "dragover");
    if (name === "drop") dropped(event.dataTransfer);
  });
}

// Folders are walked; what is no recording is left out by convertFiles.
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return convertFiles(transfer.files);
  const files = [];
  const walk = async (entry) => {
    if (entry.isFile) return files.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!some.length) return;
      for (const one of some) await walk(one);
    }
  };
  for (const entry of entries) await walk(entry);
  await convertFiles(files);
}

list();
