// Records from the microphone as 16-bit WAV, and tells the level meanwhile.

export class Microphone {
  // `tell` gets the level, 0…1, about sixty times a second.
  async start(tell) {
    this.blocks = [];
    this.stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false, autoGainControl: true } });
    this.context = new AudioContext();
    await this.context.audioWorklet.addModule("/page/recorder.js");
    const source = this.context.createMediaStreamSource(this.stream);
    const node = new AudioWorkletNode(this.context, "recorder", { numberOfOutputs: 0 });
    let smooth = 0;
    node.port.onmessage = ({ data }) => {
      this.blocks.push(data);
      let peak = 0;
      for (const sample of data) peak = Math.max(peak, Math.abs(sample));
      smooth = Math.max(peak, smooth * 0.95);
      // Decibels: speech moves all of the meter, not its lowest tenth.
      tell(Math.max(0, Math.min(1, 1 + Math.log10(smooth + 1e-6) / 2.5)));
    };
    source.connect(node);
  }

  get seconds() {
    return this.blocks.reduce((sum, block) => sum + block.length, 0) / (this.context?.sampleRate ?? 1);
  }

  // What was recorded so far.
  wav() {
    const rate = this.context.sampleRate;
    const count = this.blocks.reduce((sum, block) => sum + block.length, 0);
    const data = new DataView(new ArrayBuffer(44 + 2 * count));
    const text = (at, word) => [...word].forEach((letter, i) => data.setUint8(at + i, letter.charCodeAt(0)));
    text(0, "RIFF");
    data.setUint32(4, 36 + 2 * count, true);
    text(8, "WAVEfmt ");
    data.setUint32(16, 16, true);
    data.setUint16(20, 1, true);
    data.setUint16(22, 1, true);
    data.setUint32(24, rate, true);
    data.setUint32(28, 2 * rate, true);
    data.setUint16(32, 2, true);
    data.setUint16(34, 16, true);
    text(36, "data");
    data.setUint32(40, 2 * count, true);
    let at = 44;
    for (const block of this.blocks) {
      for (const sample of block) {
        data.setInt16(at, Math.round(Math.max(-1, Math.min(1, sample)) * 32767), true);
        at += 2;
      }
    }
    return new Blob([data], { type: "audio/wav" });
  }

  async stop() {
    const wav = this.wav();
    this.stream.getTracks().forEach((track) => track.stop());
    await this.context.close();
    return wav;
  }
}
