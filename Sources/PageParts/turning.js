// A cloud's view, turned and zoomed by mouse, finger and keys; whoever extends it draws.

const FRONT = { turn: 32, tilt: 24, zoom: 1 };

export class TurningView {
  constructor(canvas) {
    this.canvas = canvas;
    this.view = { ...FRONT };
    this.pointers = new Map();
    canvas.addEventListener("pointerdown", (event) => this.grab(event));
    canvas.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => this.pointers.delete(event.pointerId));
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("dblclick", () => this.move({ ...FRONT }));
    new ResizeObserver(() => this.ask()).observe(canvas);
  }

  grab(event) {
    if (event.button !== 0) return;
    this.canvas.setPointerCapture?.(event.pointerId);
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  // One pointer turns, two zoom.
  drag(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const others = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    this.pointers.set(event.pointerId, now);
    if (others.length) {
      const distance = (place) => Math.hypot(place.x - others[0].x, place.y - others[0].y) || 1;
      this.zoom(distance(now) / distance(before));
    } else {
      this.turn(-(now.x - before.x) * 0.5, (now.y - before.y) * 0.5);
    }
  }

  key(event) {
    const steps = { ArrowLeft: [8, 0], ArrowRight: [-8, 0], ArrowUp: [0, 8], ArrowDown: [0, -8] };
    const zooms = { "+": 1.15, "=": 1.15, "-": 1 / 1.15 };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (steps[event.key]) this.turn(...steps[event.key]);
    else if (zooms[event.key]) this.zoom(zooms[event.key]);
    else if (event.key === "Home") this.move({ ...FRONT });
    else return;
    event.preventDefault();
  }

  turn(sideways, upwards) {
    this.move({ ...this.view, turn: this.view.turn + sideways, tilt: this.view.tilt + upwards });
  }

  zoom(factor) {
    this.move({ ...this.view, zoom: this.view.zoom * factor });
  }

  move({ turn, tilt, zoom }) {
    this.view = { turn, tilt: Math.max(-89, Math.min(89, tilt)), zoom: Math.max(0.3, Math.min(6, zoom)) };
    this.ask();
  }

  // Sines and cosines of the turn and the tilt.
  get angles() {
    const [turn, tilt] = [this.view.turn, this.view.tilt].map((degrees) => (degrees * Math.PI) / 180);
    return [Math.sin(turn), Math.cos(turn), Math.sin(tilt), Math.cos(tilt)];
  }

  ask() {
    this.asked ??= requestAnimationFrame(() => {
      this.asked = null;
      this.draw();
    });
  }
}
