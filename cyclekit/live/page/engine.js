// The server that sent this page, as the page's engine.

// One line for people where the server refuses something.
async function answered(response) {
  if (response.ok) return response;
  const told = await response.json().catch(() => ({}));
  const error = new Error(told.error || `the server answers ${response.status}`);
  error.busy = response.status === 429;
  throw error;
}

// What there is: {kind: "pictures" or "sentences", targets: [...]}.
export async function begin() {
  return (await answered(await fetch("health"))).json();
}

// Draw the translation of one canvas on another.
export async function translatePicture(before, to, after) {
  const body = await new Promise((done) => before.toBlob(done, "image/jpeg", 0.95));
  const query = new URLSearchParams({ to, format: "jpeg" });
  const response = await answered(await fetch(`translate?${query}`, { method: "POST", body }));
  const drawn = await createImageBitmap(await response.blob());
  [after.width, after.height] = [drawn.width, drawn.height];
  after.getContext("2d").drawImage(drawn, 0, 0);
  drawn.close();
}

export async function translateSentences(sentences, to) {
  const body = JSON.stringify({ sentences, to });
  const response = await answered(await fetch("translate", { method: "POST", body }));
  return (await response.json()).translations;
}
