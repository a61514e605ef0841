// A cloud in WebGL: points with normals, which turn.

import { TurningView } from "/page/turning.js";

const VERTEX = `
attribute vec3 place, normal, colour;
uniform mat3 turn;
uniform float aspect, zoom, reach, height;
varying vec3 shade;
void main() {
  vec3 p = turn * place;
  float near = 5.0 + p.y;
  float scale = 4.6 * zoom / near;
  gl_Position = vec4(p.x * scale / max(aspect, 1.0), p.z * scale * min(aspect, 1.0), near / 20.0, 1.0);
  gl_PointSize = max(2.0, reach * scale * min(aspect, 1.0) * height);
  float sun = max(0.0, dot(normal, normalize(vec3(-0.42, -0.62, 0.8))));
  shade = colour * (0.5 + 0.12 * normal.z + 0.45 * sun);
}`;

const FRAGMENT = `
precision mediump float;
varying vec3 shade;
void main() {
  vec2 d = gl_PointCoord - 0.5;
  if (dot(d, d) > 0.25) discard;
  gl_FragColor = vec4(shade, 1.0);
}`;

// Reads the binary PLY that the server writes: floats x y z nx ny nz, then bytes red green blue object.
export function readPLY(buffer) {
  const bytes = new Uint8Array(buffer);
  const mark = "end_header\n";
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, 4096));
  const start = text.indexOf(mark) + mark.length;
  const head = text.slice(0, start);
  const count = Number(/element vertex (\d+)/.exec(head)[1]);
  const sizes = { float: 4, uchar: 1, double: 8, int: 4, uint: 4, short: 2, ushort: 2, char: 1 };
  const offsets = {};
  let stride = 0;
  const vertex = head.slice(head.indexOf("element vertex"));
  for (const [, type, name] of vertex.matchAll(/^property (\w+) (\w+)$/gm)) {
    offsets[name] = stride;
    stride += sizes[type];
  }
  const data = new DataView(buffer, start);
  const cloud = { count, places: new Float32Array(3 * count), normals: new Float32Array(3 * count), colours: new Uint8Array(3 * count) };
  for (let i = 0; i < count; i++) {
    const at = i * stride;
    ["x", "y", "z"].forEach((name, k) => {
      cloud.places[3 * i + k] = data.getFloat32(at + offsets[name], true);
      cloud.normals[3 * i + k] = "nx" in offsets ? data.getFloat32(at + offsets["n" + name], true) : 0;
    });
    ["red", "green", "blue"].forEach((name, k) => (cloud.colours[3 * i + k] = data.getUint8(at + offsets[name])));
  }
  return cloud;
}

export class Viewer extends TurningView {
  constructor(canvas) {
    super(canvas);
    this.prepare();
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => {
      this.prepare();
      if (this.cloud) this.show(this.cloud);
    });
    canvas.addEventListener("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY / 600));
    }, { passive: false });
  }

  prepare() {
    const gl = (this.gl = this.canvas.getContext("webgl", { antialias: true, alpha: true, preserveDrawingBuffer: true }));
    if (!gl) return;
    const program = gl.createProgram();
    for (const [type, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(type);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    gl.useProgram(program);
    gl.enable(gl.DEPTH_TEST);
    this.program = program;
    this.buffers = {};
  }

  // Puts the cloud into the middle, its box's diagonal two units long.
  show(cloud) {
    this.cloud = cloud;
    const gl = this.gl;
    if (!gl) return;
    const lower = [Infinity, Infinity, Infinity], upper = [-Infinity, -Infinity, -Infinity];
    for (let i = 0; i < cloud.places.length; i++) {
      lower[i % 3] = Math.min(lower[i % 3], cloud.places[i]);
      upper[i % 3] = Math.max(upper[i % 3], cloud.places[i]);
    }
    const half = Math.hypot(...upper.map((u, k) => u - lower[k])) / 2 || 1;
    const places = cloud.places.map((v, i) => (v - (lower[i % 3] + upper[i % 3]) / 2) / half);
    this.reach = Math.min(0.09, 3.6 / Math.sqrt(cloud.count || 1));
    this.load("place", places, 3, gl.FLOAT, false);
    this.load("normal", cloud.normals, 3, gl.FLOAT, false);
    this.load("colour", cloud.colours, 3, gl.UNSIGNED_BYTE, true);
    this.ask();
  }

  load(name, values, size, type, isNormalised) {
    const gl = this.gl;
    this.buffers[name] ??= gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[name]);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    const place = gl.getAttribLocation(this.program, name);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, size, type, isNormalised, 0, 0);
  }

  draw() {
    const gl = this.gl;
    if (!gl) return;
    const ratio = Math.min(2, devicePixelRatio || 1);
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight].map((side) => Math.round(side * ratio));
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    if (!this.cloud) return;
    const [st, ct, se, ce] = this.angles;
    // Rows: to the right, away from the eye, up; given column by column.
    const matrix = [ct, -st * ce, -st * se, st, ct * ce, ct * se, 0, -se, ce];
    const set = (name) => gl.getUniformLocation(this.program, name);
    gl.uniformMatrix3fv(set("turn"), false, matrix);
    gl.uniform1f(set("aspect"), width / height);
    gl.uniform1f(set("zoom"), this.view.zoom);
    gl.uniform1f(set("reach"), this.reach);
    gl.uniform1f(set("height"), height / 2);
    gl.drawArrays(gl.POINTS, 0, this.cloud.count);
  }
}
