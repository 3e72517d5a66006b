// The page: a camera, a video or a picture, or sentences, through an engine. engine.js says what that is: the server that
// sent this page, or an exported model in the browser itself.

import * as engine from "./engine.js";

const element = (id) => document.getElementById(id);
// What is `running` is its turn: one that began meanwhile is another.
const state = { running: null, stream: null, picture: null, times: [], on: "" };

function complain(text) {
  element("problem").textContent = text;
}

// What is drawn is no larger than a square of the chosen side; the proportions stay.
function fit(width, height) {
  const scale = Math.min(1, Number(element("side").value) / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

function drawBefore(source, width, height) {
  const canvas = element("before");
  [canvas.width, canvas.height] = fit(width, height);
  canvas.getContext("2d").drawImage(source, 0, 0, canvas.width, canvas.height);
  element("hint").hidden = true;
  element("share").hidden = false;
}

async function translate() {
  await engine.translatePicture(element("before"), element("to").value, element("after"));
}

function count() {
  const now = performance.now();
  // of two seconds, or of the last two frames where one takes longer
  state.times = [...state.times.filter((time, index, times) => now - time < 2000 || index === times.length - 1), now];
  const seconds = (now - state.times[0]) / 1000;
  if (seconds > 0.2) element("rate").textContent = `${((state.times.length - 1) / seconds).toFixed(1)} frames a second${state.on}`;
}

async function watch(turn) {
  const video = element("video");
  while (state.running === turn) {
    try {
      drawBefore(video, video.videoWidth, video.videoHeight);
      await translate();
      complain("");
      count();
      await new Promise(requestAnimationFrame); // a model in the browser would leave the page no time to be shown
    } catch (error) {
      if (state.running !== turn) return;
      complain(error.message);
      if (!error.busy) return stop();
      await new Promise((done) => setTimeout(done, 500));
    }
  }
}

function stop() {
  state.running = null;
  state.times = [];
  state.stream?.getTracks().forEach((track) => track.stop());
  state.stream = null;
  const video = element("video");
  video.srcObject = null;
  if (video.src) URL.revokeObjectURL(video.src);
  video.removeAttribute("src");
  video.load();
  element("camera").textContent = "Start the camera";
  element("rate").textContent = "";
}

async function run(stopping) {
  state.picture = null;
  element("save").hidden = true;
  await element("video").play();
  element("camera").textContent = stopping;
  complain("");
  watch((state.running = Symbol("turn")));
}

async function start() {
  try {
    state.stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch (error) {
    return complain(`no camera: ${error.message}`);
  }
  element("video").srcObject = state.stream;
  await run("Stop the camera");
}

async function show(file) {
  if (!file) return;
  stop();
  const [opened, kind] = file.type.startsWith("video/") ? [play, "video"] : [look, "picture"];
  try {
    await opened(file);
  } catch {
    return complain(`${file.name || "this"} is no ${kind} that the browser can open`);
  }
  if (state.picture) await again();
}

// Again and again, without its sound.
async function play(file) {
  element("video").src = URL.createObjectURL(file);
  await run("Stop the video");
}

async function look(file) {
  state.picture = await createImageBitmap(file);
}

async function again() {
  const picture = state.picture;
  if (!picture) return;
  try {
    drawBefore(picture, picture.width, picture.height);
    await translate();
    if (state.picture !== picture) return; // the camera was started meanwhile, or another picture opened
    const made = await new Promise((done) => element("after").toBlob(done, "image/png"));
    const save = element("save");
    URL.revokeObjectURL(save.href);
    save.href = URL.createObjectURL(made);
    save.hidden = false;
    complain("");
  } catch (error) {
    complain(error.message);
  }
}

async function say(event) {
  event.preventDefault();
  const lines = element("text").value.split("\n").filter((line) => line.trim());
  if (!lines.length) return complain("write a sentence first");
  const began = performance.now();
  try {
    const translations = await engine.translateSentences(lines, element("to").value);
    element("answers").replaceChildren(
      ...translations.map((text) => Object.assign(document.createElement("li"), { textContent: text })),
    );
    element("took").textContent = `${Math.round(performance.now() - began)} ms`;
    complain("");
  } catch (error) {
    complain(error.message);
  }
}

async function begin() {
  const told = await engine.begin();
  state.on = told.on ? `, ${told.on}` : "";
  element("to").replaceChildren(...told.targets.map((name) => new Option(name)));
  element(told.kind).hidden = false;
}

element("camera").addEventListener("click", () => (state.running ? stop() : start()));
element("file").addEventListener("change", (event) => show(event.target.files[0]));
element("to").addEventListener("change", again);
element("side").addEventListener("change", again);
element("share").addEventListener("input", (event) =>
  element("stage").style.setProperty("--share", `${event.target.value}%`),
);
element("form").addEventListener("submit", say);
const stage = element("stage");
stage.addEventListener("dragover", (event) => {
  event.preventDefault();
  stage.classList.add("over");
});
stage.addEventListener("dragleave", () => stage.classList.remove("over"));
stage.addEventListener("drop", (event) => {
  event.preventDefault();
  stage.classList.remove("over");
  show(event.dataTransfer.files[0]);
});
begin().catch((error) => complain(error.message));
