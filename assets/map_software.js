/* Maps without a graphics card. The driver that Chromium then draws with (SwiftShader) carries out every instance of an
   instanced call as a call of its own, 8 µs each: ten thousand dots take as long as fifty times the picture below them.
   Where it is at work, what the drawing library draws as instances is written out as one mesh of triangles, and edges are
   smoothed by the shaders alone. With a graphics card nothing of this file is called, but for one thing: the picture is
   not kept twice (every frame is drawn whole).

   opsCenter.drawsInSoftware() says which it is. Shaders that read gl_InstanceID or gl_VertexID can't be served; none do. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const WORTH = 64; // instances: fewer are drawn as they are
  const GL = WebGL2RenderingContext;
  const BYTES = { [GL.BYTE]: 1, [GL.UNSIGNED_BYTE]: 1, [GL.SHORT]: 2, [GL.UNSIGNED_SHORT]: 2, [GL.HALF_FLOAT]: 2, [GL.INT]: 4, [GL.UNSIGNED_INT]: 4, [GL.FLOAT]: 4 };
  const INDICES = { [GL.UNSIGNED_BYTE]: Uint8Array, [GL.UNSIGNED_SHORT]: Uint16Array, [GL.UNSIGNED_INT]: Uint32Array };
  const context = HTMLCanvasElement.prototype.getContext;
  let software = null;

  center.drawsInSoftware = () => {
    if (software !== null) return software;
    const gl = context.call(document.createElement("canvas"), "webgl2");
    const named = gl && gl.getExtension("WEBGL_debug_renderer_info");
    software = Boolean(named) && /swiftshader/i.test(gl.getParameter(named.UNMASKED_RENDERER_WEBGL));
    if (gl) gl.getExtension("WEBGL_lose_context").loseContext();
    return software;
  };

  HTMLCanvasElement.prototype.getContext = function (kind, wanted) {
    if (kind !== "webgl2") return context.call(this, kind, wanted);
    const known = Boolean(this.instances);
    const made = { ...wanted, preserveDrawingBuffer: false };
    if (center.drawsInSoftware()) made.antialias = false;
    const gl = context.call(this, kind, made);
    if (gl && !known && center.drawsInSoftware()) this.instances = new Instances(gl);
    return gl;
  };

  /* What a strip or a list of triangles is made of, as places in a list; null for what isn't triangles. */
  function triangles(mode, places) {
    if (mode === GL.TRIANGLES) return places;
    if (mode !== GL.TRIANGLE_STRIP) return null;
    const found = [];
    for (let i = 0; i + 2 < places.length; i++) found.push(places[i + (i % 2)], places[i + 1 - (i % 2)], places[i + 2]);
    return found;
  }

  /* Every instance's vertices one after the other; null where the buffer is too short for them. */
  function writtenOut({ size, type, stride, offset, divisor }, bytes, instances, vertices, into) {
    const own = size * BYTES[type];
    const step = stride || own;
    const padded = Math.ceil(own / 4) * 4;
    if (divisor > 1 || offset + ((divisor ? instances : vertices) - 1) * step + own > bytes.length) return null;
    const length = instances * vertices * padded;
    const out = into && into.length === length ? into : new Uint8Array(length);
    const isAligned = !((own | step | offset | bytes.byteOffset) % 4);
    const [source, target, unit] = isAligned ? [new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2), new Uint32Array(out.buffer), 4] : [bytes, out, 1];
    for (let i = 0, to = 0; i < instances; i++) {
      for (let v = 0; v < vertices; v++, to += padded / unit) {
        const from = (offset + (divisor ? i : v) * step) / unit;
        for (let k = 0; k < own / unit; k++) target[to + k] = source[from + k];
      }
    }
    return out;
  }

  /* Follows what a context's buffers and vertex arrays hold, and draws instances as meshes. */
  class Instances {
    constructor(gl) {
      this.gl = gl;
      this.raw = {};
      this.held = new Map(); // buffer → {bytes, version}; bytes null: written by the driver itself
      this.bound = {}; // target → buffer
      this.arrays = new Map();
      this.enter(null);
      for (const name of Object.getOwnPropertyNames(Instances.prototype)) {
        if (typeof GL.prototype[name] !== "function") continue;
        this.raw[name] = gl[name].bind(gl);
        gl[name] = (...given) => this[name](...given);
      }
    }

    enter(array) {
      if (!this.arrays.has(array)) this.arrays.set(array, { attributes: [], elements: null, meshes: new Map() });
      this.current = this.arrays.get(array);
      this.array = array;
    }

    /* ---- what is followed ---- */

    bindVertexArray(array) {
      this.enter(array);
      this.raw.bindVertexArray(array);
    }

    bindBuffer(target, buffer) {
      if (target === GL.ELEMENT_ARRAY_BUFFER) this.current.elements = buffer;
      else this.bound[target] = buffer;
      this.raw.bindBuffer(target, buffer);
    }

    bindBufferBase(target, index, buffer) {
      if (target === GL.TRANSFORM_FEEDBACK_BUFFER) this.forget(buffer);
      this.raw.bindBufferBase(target, index, buffer);
    }

    bindBufferRange(target, index, buffer, ...range) {
      if (target === GL.TRANSFORM_FEEDBACK_BUFFER) this.forget(buffer);
      this.raw.bindBufferRange(target, index, buffer, ...range);
    }

    copyBufferSubData(from, to, ...range) {
      this.forget(this.at(to));
      this.raw.copyBufferSubData(from, to, ...range);
    }

    bufferData(target, given, ...more) {
      this.raw.bufferData(target, given, ...more);
      const bytes = typeof given === "number" ? new Uint8Array(given) : given && bytesOf(given, more[1], more[2]).slice();
      this.hold(target, bytes || null);
    }

    bufferSubData(target, offset, given, ...range) {
      this.raw.bufferSubData(target, offset, given, ...range);
      const held = this.held.get(this.at(target));
      if (!held || !held.bytes) return;
      held.bytes.set(bytesOf(given, ...range), offset);
      held.version++;
    }

    at(target) {
      return target === GL.ELEMENT_ARRAY_BUFFER ? this.current.elements : this.bound[target];
    }

    hold(target, bytes) {
      const buffer = this.at(target);
      if (buffer) this.held.set(buffer, { bytes, version: (this.held.get(buffer) || { version: 0 }).version + 1 });
    }

    forget(buffer) {
      if (buffer) this.held.set(buffer, { bytes: null, version: 0 });
    }

    deleteBuffer(buffer) {
      this.held.delete(buffer);
      this.raw.deleteBuffer(buffer);
    }

    deleteVertexArray(array) {
      for (const mesh of (this.arrays.get(array) || { meshes: new Map() }).meshes.values()) this.drop(mesh);
      this.arrays.delete(array);
      this.raw.deleteVertexArray(array);
    }

    attribute(place, known) {
      this.current.attributes[place] = { divisor: 0, enabled: false, ...this.current.attributes[place], ...known };
    }

    vertexAttribPointer(place, size, type, normalized, stride, offset) {
      this.attribute(place, { size, type, normalized, stride, offset, isWhole: false, buffer: this.bound[GL.ARRAY_BUFFER] });
      this.raw.vertexAttribPointer(place, size, type, normalized, stride, offset);
    }

    vertexAttribIPointer(place, size, type, stride, offset) {
      this.attribute(place, { size, type, stride, offset, isWhole: true, buffer: this.bound[GL.ARRAY_BUFFER] });
      this.raw.vertexAttribIPointer(place, size, type, stride, offset);
    }

    vertexAttribDivisor(place, divisor) {
      this.attribute(place, { divisor });
      this.raw.vertexAttribDivisor(place, divisor);
    }

    enableVertexAttribArray(place) {
      this.attribute(place, { enabled: true });
      this.raw.enableVertexAttribArray(place);
    }

    disableVertexAttribArray(place) {
      this.attribute(place, { enabled: false });
      this.raw.disableVertexAttribArray(place);
    }

    /* ---- drawing ---- */

    drawArraysInstanced(mode, first, count, instances) {
      const places = instances >= WORTH && triangles(mode, Array.from({ length: count }, (_, i) => first + i));
      if (!places || !this.draw(places, instances)) this.raw.drawArraysInstanced(mode, first, count, instances);
    }

    drawElementsInstanced(mode, count, type, offset, instances) {
      const held = instances >= WORTH && this.held.get(this.current.elements);
      const places = held && held.bytes && triangles(mode, [...new INDICES[type](held.bytes.buffer, held.bytes.byteOffset + offset, count)]);
      if (!places || !this.draw(places, instances)) this.raw.drawElementsInstanced(mode, count, type, offset, instances);
    }

    /* Returns whether it could be drawn as a mesh. */
    draw(places, instances) {
      const key = places.join();
      const { meshes, attributes } = this.current;
      if (!meshes.has(key)) meshes.set(key, this.mesh(places));
      const mesh = meshes.get(key);
      if (!this.fill(mesh, attributes, instances)) return false;
      this.raw.bindVertexArray(mesh.array);
      this.index(mesh, instances);
      this.gl.drawElements(GL.TRIANGLES, instances * places.length, GL.UNSIGNED_INT, 0);
      this.raw.bindVertexArray(this.array);
      return true;
    }

    mesh(places) {
      return { places, vertices: Math.max(...places) + 1, array: this.gl.createVertexArray(), elements: this.gl.createBuffer(), room: 0, parts: [] };
    }

    drop({ array, elements, parts }) {
      this.raw.deleteVertexArray(array);
      for (const buffer of [elements, ...parts.map((part) => part.buffer)]) this.raw.deleteBuffer(buffer);
    }

    /* Bring the mesh's own buffers up to what the attributes hold now. */
    fill(mesh, attributes, instances) {
      const wanted = attributes.map((attribute) => attribute.enabled && this.held.get(attribute.buffer));
      if (attributes.some(({ enabled }, place) => enabled && !(wanted[place] && wanted[place].bytes))) return false;
      for (const [place, attribute] of attributes.entries()) {
        const part = mesh.parts[place];
        const said = attribute && attribute.enabled && [instances, wanted[place].version, attribute.size, attribute.type, attribute.stride, attribute.offset, attribute.divisor].join();
        if (part && part.said === said && part.source === attribute.buffer) continue;
        if (!this.fillPart(mesh, place, attribute, said, wanted[place], instances)) return false;
      }
      return true;
    }

    fillPart(mesh, place, attribute, said, held, instances) {
      if (!attribute) return true;
      const part = (mesh.parts[place] = mesh.parts[place] || { buffer: this.gl.createBuffer(), out: null });
      Object.assign(part, { said, source: attribute.buffer });
      this.raw.bindVertexArray(mesh.array);
      if (attribute.enabled) part.out = writtenOut(attribute, held.bytes, instances, mesh.vertices, part.out);
      if (attribute.enabled && part.out) this.point(place, attribute, part);
      else this.raw.disableVertexAttribArray(place);
      this.raw.bindBuffer(GL.ARRAY_BUFFER, this.bound[GL.ARRAY_BUFFER] || null);
      this.raw.bindVertexArray(this.array);
      if (attribute.enabled && !part.out) part.said = null;
      return !attribute.enabled || Boolean(part.out);
    }

    point(place, { size, type, normalized, isWhole }, { buffer, out }) {
      const step = Math.ceil((size * BYTES[type]) / 4) * 4;
      this.raw.bindBuffer(GL.ARRAY_BUFFER, buffer);
      this.raw.bufferData(GL.ARRAY_BUFFER, out, GL.DYNAMIC_DRAW);
      if (isWhole) this.raw.vertexAttribIPointer(place, size, type, step, 0);
      else this.raw.vertexAttribPointer(place, size, type, normalized, step, 0);
      this.raw.enableVertexAttribArray(place);
    }

    /* The order of the vertices, for so many instances at least. Called with the mesh's own array bound. */
    index(mesh, instances) {
      if (mesh.room >= instances) return;
      const { places, vertices } = mesh;
      const order = new Uint32Array(instances * places.length);
      for (let i = 0, to = 0; i < instances; i++) for (const place of places) order[to++] = i * vertices + place;
      this.raw.bindBuffer(GL.ELEMENT_ARRAY_BUFFER, mesh.elements);
      this.raw.bufferData(GL.ELEMENT_ARRAY_BUFFER, order, GL.STATIC_DRAW);
      mesh.room = instances;
    }
  }

  function bytesOf(given, from = 0, length = 0) {
    if (!ArrayBuffer.isView(given)) return new Uint8Array(given);
    const unit = given.BYTES_PER_ELEMENT || 1;
    return new Uint8Array(given.buffer, given.byteOffset + from * unit, (length || given.byteLength / unit - from) * unit);
  }
})();
