// Draws a log-mel spectrogram, bands by frames as /v1/features gives it, in viridis.

const VIRIDIS = [[68, 1, 84], [72, 40, 120], [62, 74, 137], [49, 104, 142], [38, 130, 142], [31, 158, 137], [53, 183, 121], [109, 205, 89], [180, 222, 44], [253, 231, 37]];

function colour(value) {
  const at = Math.max(0, Math.min(1, value)) * (VIRIDIS.length - 1);
  const [low, part] = [Math.min(VIRIDIS.length - 2, Math.floor(at)), at % 1];
  return VIRIDIS[low].map((v, k) => v + (VIRIDIS[low + 1][k] - v) * (at === VIRIDIS.length - 1 ? 1 : part));
}

export function drawSpectrogram(canvas, buffer) {
  const head = new DataView(buffer).getUint16(8, true);
  const text = new TextDecoder().decode(new Uint8Array(buffer, 10, head));
  const [bands, frames] = /\((\d+), (\d+)\)/.exec(text).slice(1).map(Number);
  const values = new Float32Array(buffer.slice(10 + head));
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  [canvas.width, canvas.height] = [frames, bands];
  const context = canvas.getContext("2d");
  const image = context.createImageData(frames, bands);
  for (let band = 0; band < bands; band++) {
    for (let frame = 0; frame < frames; frame++) {
      const at = 4 * ((bands - 1 - band) * frames + frame);
      image.data.set([...colour((values[band * frames + frame] - low) / (high - low || 1)), 255], at);
    }
  }
  context.putImageData(image, 0, 0);
}
