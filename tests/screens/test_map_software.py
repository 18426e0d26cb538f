"""Maps without a graphics card: what is drawn as a mesh there is, pixel for pixel, what instances would have been."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser
SCRIPT = Path(__file__).parents[2] / "assets" / "map_software.js"
DRAWING = """
(gl, rounds) => {
  const N = 300, program = gl.createProgram();
  const shader = (type, text) => {
    const made = gl.createShader(type);
    gl.shaderSource(made, `#version 300 es\\n${text}`);
    gl.compileShader(made);
    gl.attachShader(program, made);
  };
  shader(gl.VERTEX_SHADER, `layout(location=0) in vec2 corner; layout(location=1) in vec3 place;
    layout(location=2) in vec4 color; layout(location=3) in float size; out vec4 c;
    void main() { gl_Position = vec4(place.xy + corner * size, 0, 1); c = color; }`);
  shader(gl.FRAGMENT_SHADER, "precision highp float; in vec4 c; out vec4 o; void main() { o = c; }");
  gl.linkProgram(program);
  gl.useProgram(program);
  let seed = 7;
  const next = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const places = Float32Array.from({ length: 4 * N }, () => 2 * next() - 1); // a stride of 16 for three floats
  const colors = Uint8Array.from({ length: 4 * N }, () => 255 * next());
  const sizes = Float32Array.from({ length: N }, () => 0.02 + 0.1 * next());
  const array = gl.createVertexArray();
  gl.bindVertexArray(array);
  const attribute = (at, data, size, type, stride, divisor) => {
    const buffer = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, size, type, type === gl.UNSIGNED_BYTE, stride, 0);
    gl.vertexAttribDivisor(at, divisor);
    return buffer;
  };
  attribute(0, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), 2, gl.FLOAT, 0, 0);
  attribute(1, places, 3, gl.FLOAT, 16, 1);
  const painted = attribute(2, colors, 4, gl.UNSIGNED_BYTE, 0, 1);
  attribute(3, sizes, 1, gl.FLOAT, 0, 1);
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, new Uint16Array([0, 1, 2, 2, 1, 3]), gl.STATIC_DRAW);
  const pictures = [];
  const keep = () => {
    const pixels = new Uint8Array(4 * 128 * 128);
    gl.readPixels(0, 0, 128, 128, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    pictures.push(pixels.join());
  };
  for (const many of rounds) {
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, many);
    keep();
    gl.bindBuffer(gl.COPY_WRITE_BUFFER, painted);
    gl.bufferSubData(gl.COPY_WRITE_BUFFER, 0, colors.map((value) => 255 - value));
    gl.drawElementsInstanced(gl.TRIANGLES, 6, gl.UNSIGNED_SHORT, 0, many);
    keep();
    gl.bufferSubData(gl.COPY_WRITE_BUFFER, 0, colors);
  }
  return [pictures, gl.getError(), array !== gl.getParameter(gl.VERTEX_ARRAY_BINDING)];
}
"""
BOTH = f"""
() => {{
  const rounds = [3, 120, 300, 80];
  const draw = {DRAWING};
  const canvas = (get) => {{
    const made = Object.assign(document.createElement("canvas"), {{ width: 128, height: 128 }});
    return get.call(made, "webgl2", {{ antialias: false }});
  }};
  const plain = canvas(window.plainContext), meshes = canvas(HTMLCanvasElement.prototype.getContext);
  const calls = [];
  const elements = meshes.drawElements;
  meshes.drawElements = function (...given) {{ calls.push(given[1]); return elements.apply(this, given); }};
  return {{ plain: draw(plain, rounds), meshes: draw(meshes, rounds), calls, software: opsCenter.drawsInSoftware() }};
}}
"""


def test_a_mesh_is_what_its_instances_would_have_been(page: Page) -> None:
    page.evaluate("() => void (window.plainContext = HTMLCanvasElement.prototype.getContext)")
    page.add_script_tag(path=SCRIPT)
    found = page.evaluate(BOTH)
    assert found["software"], "the tests' Chromium draws without a graphics card"
    pictures, error, left = found["meshes"]
    assert (error, left) == (0, False), "the context is as it was"
    assert pictures == found["plain"][0]
    assert len(set(pictures)) == len(pictures), "something is to be seen"
    assert found["calls"] == [many * 6 for many in (120, 120, 300, 300, 80, 80)], "few are drawn as they are"
