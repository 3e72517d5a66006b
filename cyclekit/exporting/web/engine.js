// The page's engine without a server: an exported run in the browser itself, by ONNX Runtime's WebAssembly, on one
// thread, so that any file server will do. With `cyclekit export --web-gpu`, which sets GPU, by WebGPU where the browser
// has an adapter for it.

const GPU = false;
const adapter = GPU && navigator.gpu ? await navigator.gpu.requestAdapter().catch(() => null) : null;
const ort = await import(adapter ? "./ort/ort.webgpu.min.mjs" : "./ort/ort.wasm.min.mjs");
const providers = adapter ? ["webgpu", "wasm"] : ["wasm"];

ort.env.logLevel = "error";
ort.env.wasm.wasmPaths = new URL("./ort/", import.meta.url).href;
ort.env.wasm.numThreads = 1;

const state = { manifest: null, sessions: new Map() };

// What there is: {kind, targets: [...], on: what translates}.
export async function begin() {
  if ("serviceWorker" in navigator && isSecureContext) navigator.serviceWorker.register("sw.js");
  const response = await fetch("manifest.json");
  if (!response.ok) throw new Error(`manifest.json: the server answers ${response.status}`);
  state.manifest = await response.json();
  const targets = state.manifest.directions.map((direction) => direction.to);
  await session(direction(targets[0]));
  return { kind: state.manifest.kind, targets, on: adapter ? "WebGPU" : "" };
}

const direction = (to) => state.manifest.directions.find((each) => each.to === to);

function session(direction) {
  const file = direction.files.generator.name;
  if (!state.sessions.has(file)) {
    state.sessions.set(file, ort.InferenceSession.create(file, { executionProviders: providers }));
  }
  return state.sessions.get(file);
}

// Where the place of a padded side lies in the picture: its mirror image follows it, again and again.
function mirrored(length, padded) {
  const places = new Int32Array(padded);
  const period = Math.max(1, 2 * (length - 1));
  for (let place = 0; place < padded; place++) {
    const within = place % period;
    places[place] = within < length ? within : period - within;
  }
  return places;
}

// Levels (RGBA) to values in [-1, 1], one plane after another.
function values(picture, channels, height, width) {
  const planes = new Float32Array(channels * height * width);
  const rows = mirrored(picture.height, height);
  const columns = mirrored(picture.width, width);
  let place = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++, place++) {
      const at = 4 * (rows[row] * picture.width + columns[column]);
      const [red, green, blue] = [picture.data[at], picture.data[at + 1], picture.data[at + 2]];
      if (channels === 1) {
        planes[place] = ((19595 * red + 38470 * green + 7471 * blue + 32768) >> 16) / 127.5 - 1;
      } else {
        planes[place] = red / 127.5 - 1;
        planes[place + height * width] = green / 127.5 - 1;
        planes[place + 2 * height * width] = blue / 127.5 - 1;
      }
    }
  }
  return new ort.Tensor("float32", planes, [1, channels, height, width]);
}

// Draw the translation of one canvas on another.
export async function translatePicture(before, to, after) {
  const chosen = direction(to);
  const picture = before.getContext("2d", { willReadFrequently: true }).getImageData(0, 0, before.width, before.height);
  const [height, width] = [picture.height, picture.width].map(
    (side) => Math.ceil(Math.max(side, chosen.smallest) / chosen.multiple) * chosen.multiple,
  );
  const given = { [chosen.input.name]: values(picture, chosen.input.channels, height, width) };
  const made = (await (await session(chosen)).run(given, [chosen.output.name]))[chosen.output.name];
  const drawn = new ImageData(picture.width, picture.height);
  const step = chosen.output.channels === 1 ? 0 : height * width;
  for (let row = 0, at = 0; row < picture.height; row++) {
    for (let column = 0; column < picture.width; column++, at += 4) {
      const place = row * width + column;
      // A clamped array rounds and clips by itself.
      drawn.data[at] = (made.data[place] + 1) * 127.5;
      drawn.data[at + 1] = (made.data[place + step] + 1) * 127.5;
      drawn.data[at + 2] = (made.data[place + 2 * step] + 1) * 127.5;
      drawn.data[at + 3] = 255;
    }
  }
  [after.width, after.height] = [picture.width, picture.height];
  after.getContext("2d").putImageData(drawn, 0, 0);
}

export async function translateSentences() {
  throw new Error("this page translates pictures");
}
