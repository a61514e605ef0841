// Draws every cloud on its canvas; turning.js, which stands before this, turns it.

// A point in the page's data: x y z as 16 bits each, an octahedral normal, red, green, blue.
const POINT_BYTES = 11;
const SUN = [-0.42, -0.62, 0.8].map((v) => v / Math.hypot(0.42, 0.62, 0.8));

class Cloud extends TurningView {
  constructor(canvas) {
    super(canvas);
    this.context = canvas.getContext("2d");
    this.read();
  }

  // Positions in -1…1 about the middle of the box, sorted out of the quantised bytes once.
  read() {
    const bytes = Uint8Array.from(atob(this.canvas.dataset.points), (c) => c.charCodeAt(0));
    const size = this.canvas.dataset.size.split(" ").map(Number);
    const half = Math.hypot(...size) / 2 || 1;
    const count = Math.floor(bytes.length / POINT_BYTES);
    const data = new DataView(bytes.buffer);
    this.places = new Float32Array(3 * count);
    this.normals = new Float32Array(3 * count);
    this.colours = new Uint8Array(3 * count);
    for (let i = 0; i < count; i++) {
      const at = i * POINT_BYTES;
      for (let k = 0; k < 3; k++) {
        this.places[3 * i + k] = ((data.getUint16(at + 2 * k, true) / 65535 - 0.5) * size[k]) / half;
        this.colours[3 * i + k] = bytes[at + 8 + k];
      }
      let [x, y] = [bytes[at + 6] / 127.5 - 1, bytes[at + 7] / 127.5 - 1];
      const z = 1 - Math.abs(x) - Math.abs(y);
      if (z < 0) [x, y] = [(1 - Math.abs(y)) * Math.sign(x || 1), (1 - Math.abs(x)) * Math.sign(y || 1)];
      const length = Math.hypot(x, y, z) || 1;
      this.normals.set([x / length, y / length, z / length], 3 * i);
    }
    this.count = count;
    this.reach = this.spacing();
  }

  // How far a point's seventh neighbour is, in the middle of some points: so large discs cover the surface.
  spacing() {
    const distances = [];
    const step = Math.max(1, Math.floor(this.count / 150));
    for (let i = 0; i < this.count; i += step) {
      const near = new Array(7).fill(Infinity);
      for (let j = 0; j < this.count; j++) {
        if (j === i) continue;
        let square = 0;
        for (let k = 0; k < 3; k++) square += (this.places[3 * i + k] - this.places[3 * j + k]) ** 2;
        if (square >= near[6]) continue;
        near[6] = square;
        for (let k = 6; k > 0 && near[k] < near[k - 1]; k--) [near[k], near[k - 1]] = [near[k - 1], near[k]];
      }
      const known = near.filter(Number.isFinite);
      if (known.length) distances.push(Math.sqrt(known[known.length - 1]));
    }
    distances.sort((a, b) => a - b);
    return Math.min(0.1, Math.max(0.004, distances[distances.length >> 1] ?? 0.05));
  }

  draw() {
    const width = Math.round(Math.min(800, this.canvas.clientWidth * Math.min(2, devicePixelRatio || 1)));
    if (!width) return;
    if (this.canvas.width !== width || this.canvas.height !== width) {
      this.canvas.width = this.canvas.height = width;
      this.image = this.context.createImageData(width, width);
      this.depth = new Float32Array(width * width);
    }
    const pixels = new Uint32Array(this.image.data.buffer);
    pixels.fill(0);
    this.depth.fill(Infinity);
    const [st, ct, se, ce] = this.angles;
    const eye = 5;
    const scale = 0.47 * width * this.view.zoom * eye;
    for (let i = 0; i < this.count; i++) {
      const [x, y, z] = [this.places[3 * i], this.places[3 * i + 1], this.places[3 * i + 2]];
      const away = -st * x + ct * y;
      const near = eye + away * ce - z * se;
      if (near < 0.5) continue;
      const perspective = scale / near;
      const column = width / 2 + (ct * x + st * y) * perspective;
      const row = width / 2 - (away * se + z * ce) * perspective;
      this.disc(pixels, width, column, row, near, this.reach * perspective, i, [st, ct, se, ce]);
    }
    this.context.putImageData(this.image, 0, 0);
  }

  // One point as a disc in the surface's plane: an ellipse, narrow where the surface turns away.
  disc(pixels, width, column, row, near, radius, i, [st, ct, se, ce]) {
    const [nx, ny, nz] = [this.normals[3 * i], this.normals[3 * i + 1], this.normals[3 * i + 2]];
    const right = ct * nx + st * ny;
    const inwards = -st * nx + ct * ny;
    const up = inwards * se + nz * ce;
    const facing = -(inwards * ce - nz * se);
    const flat = Math.max(Math.abs(facing), 0.15);
    const sun = Math.max(0, nx * SUN[0] + ny * SUN[1] + nz * SUN[2]);
    const light = 0.5 + 0.12 * nz + 0.45 * sun;
    let colour = 0xff000000;
    for (let k = 0; k < 3; k++) colour |= Math.min(255, Math.round(this.colours[3 * i + k] * light)) << (8 * k);
    colour >>>= 0;
    const size = Math.max(radius, 0.7);
    // The normal's direction on the screen: the ellipse's short axis.
    const tangent = Math.hypot(right, up) || 1;
    const [ax, ay] = [right / tangent, -up / tangent];
    const [left, end] = [Math.max(0, Math.ceil(column - size)), Math.min(width - 1, Math.floor(column + size))];
    const [top, bottom] = [Math.max(0, Math.ceil(row - size)), Math.min(width - 1, Math.floor(row + size))];
    for (let v = top; v <= bottom; v++) {
      for (let u = left; u <= end; u++) {
        const [dx, dy] = [u - column, v - row];
        const short = (dx * ax + dy * ay) / flat;
        const long = dy * ax - dx * ay;
        const far = short * short + long * long;
        if (far > size * size) continue;
        // The middle of a disc wins over its neighbours' rims.
        const depth = near + (far / (size * size)) * 0.4 * this.reach;
        const pixel = v * width + u;
        if (depth < this.depth[pixel]) {
          this.depth[pixel] = depth;
          pixels[pixel] = colour;
        }
      }
    }
  }
}

const begin = (canvas) => (canvas.cloud ??= new Cloud(canvas));
const seen = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      begin(target);
    }
  },
  { rootMargin: "400px" },
);
for (const canvas of document.querySelectorAll("canvas")) seen.observe(canvas);
addEventListener("beforeprint", () => document.querySelectorAll("canvas").forEach((canvas) => begin(canvas).draw()));
