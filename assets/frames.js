/* Frames of /live (ops_center/screens/stream/frames.py): a binary message → headers and typed arrays, not copied. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const MAGIC = 0x4653504f; // "OPSF", little-endian
  const PREFIX = 16;
  const TYPES = { uint8: Uint8Array, uint32: Uint32Array, int32: Int32Array, float32: Float32Array, float64: Float64Array };
  const text = new TextDecoder();

  /* Return the frames of a message, each {header, arrays: name → {value, size}}; throws for what is not a frame. */
  center.decodeFrames = function (buffer) {
    const view = new DataView(buffer);
    const frames = [];
    for (let start = 0; start < buffer.byteLength; start += view.getUint32(start + 8, true)) {
      if (buffer.byteLength - start < PREFIX || view.getUint32(start, true) !== MAGIC) throw new Error("not a frame");
      if (view.getUint32(start + 8, true) < PREFIX) throw new Error("a frame without end");
      const header = JSON.parse(text.decode(new Uint8Array(buffer, start + PREFIX, view.getUint32(start + 4, true))));
      const arrays = {};
      for (const [name, place] of Object.entries(header.arrays || {})) {
        arrays[name] = { value: new TYPES[place.dtype](buffer, start + place.offset, place.length), size: place.size };
      }
      frames.push({ header, arrays });
    }
    return frames;
  };
})();
