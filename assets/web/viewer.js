// A viewer for one mesh: it reads the GLB this program writes and draws it with WebGL 2, lit from a corner, on a grid of
// centimetres. Drag turns it, the wheel comes nearer, a double click goes back.

const vertex = `#version 300 es
uniform mat4 view, lens;
in vec3 place, normal; in vec4 colour; in vec2 spot;
out vec3 n, p; out vec4 c; out vec2 uv;
void main() {
  vec4 eye = view * vec4(place, 1.0);
  n = mat3(view) * normal; p = eye.xyz; c = colour; uv = spot;
  gl_Position = lens * eye;
}`;

const fragment = `#version 300 es
precision highp float;
uniform sampler2D picture; uniform bool painted, flat_; uniform vec4 plain;
in vec3 n, p; in vec4 c; in vec2 uv;
out vec4 o;
vec3 display(vec3 l) { return mix(12.92 * l, 1.055 * pow(max(l, vec3(0.0031308)), vec3(1.0 / 2.4)) - 0.055, step(0.0031308, l)); }
void main() {
  if (flat_) { o = vec4(plain.rgb, plain.a * clamp(1.6 - length(p.xy) * 1.1, 0.0, 1.0)); return; }
  vec3 base = c.rgb * plain.rgb;
  if (painted) base *= pow(texture(picture, uv).rgb, vec3(2.2));
  vec3 m = normalize(gl_FrontFacing ? n : -n), eye = normalize(-p);
  vec3 key = normalize(vec3(-0.45, 0.75, 0.6)), fill = normalize(vec3(0.8, 0.1, 0.4));
  float lit = 0.30 + 0.62 * max(dot(m, key), 0.0) + 0.18 * max(dot(m, fill), 0.0) + 0.10 * m.y;
  float shine = 0.12 * pow(max(dot(m, normalize(key + eye)), 0.0), 32.0);
  o = vec4(display(base * lit + shine), 1.0);
}`;

// readGLB returns the arrays of the first primitive of a binary glTF 2.0 file.
function readGLB(data) {
  const head = new DataView(data);
  if (data.byteLength < 20 || head.getUint32(0, true) !== 0x46546c67) throw new Error("the mesh is not a GLB file");
  const size = head.getUint32(12, true);
  const doc = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 20, size)));
  const bin = 20 + size + 8;
  const bytes = (i) => { const v = doc.bufferViews[i]; return [bin + (v.byteOffset || 0), v.byteLength, v.byteStride || 0]; };
  const read = (i) => {
    if (i === undefined) return null;
    const a = doc.accessors[i], [start, , stride] = bytes(a.bufferView);
    const width = { SCALAR: 1, VEC2: 2, VEC3: 3, VEC4: 4 }[a.type];
    const Kind = { 5121: Uint8Array, 5123: Uint16Array, 5125: Uint32Array, 5126: Float32Array }[a.componentType];
    if (stride && stride !== width * Kind.BYTES_PER_ELEMENT) throw new Error("the mesh is laid out in another way");
    return { values: new Kind(data, start + (a.byteOffset || 0), a.count * width), width, kind: a.componentType, normalized: !!a.normalized, count: a.count, min: a.min, max: a.max };
  };
  const p = doc.meshes[0].primitives[0], m = doc.materials?.[p.material]?.pbrMetallicRoughness || {};
  let picture = null;
  if (m.baseColorTexture) {
    const image = doc.images[doc.textures[m.baseColorTexture.index].source], [start, length] = bytes(image.bufferView);
    picture = new Blob([new Uint8Array(data, start, length)], { type: image.mimeType });
  }
  return { place: read(p.attributes.POSITION), normal: read(p.attributes.NORMAL), colour: read(p.attributes.COLOR_0), spot: read(p.attributes.TEXCOORD_0), index: read(p.indices), base: m.baseColorFactor || [1, 1, 1, 1], picture };
}

export class Viewer {
  constructor(canvas) {
    const gl = this.gl = canvas.getContext("webgl2", { antialias: true, alpha: true, preserveDrawingBuffer: true });
    if (!gl) throw new Error("This browser has no WebGL 2; meshes can be downloaded all the same.");
    this.canvas = canvas;
    this.program = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const s = gl.createShader(kind);
      gl.shaderSource(s, text);
      gl.compileShader(s);
      if (!gl.getShaderParameter(s, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(s));
      gl.attachShader(this.program, s);
    }
    gl.linkProgram(this.program);
    this.at = (name) => gl.getUniformLocation(this.program, name);
    this.buffers = [];
    this.home();
    canvas.onpointerdown = (e) => canvas.setPointerCapture(e.pointerId);
    canvas.onpointermove = (e) => {
      if (!e.buttons) return;
      this.turned -= e.movementX * 0.008;
      this.raised = Math.max(-1.5, Math.min(1.5, this.raised + e.movementY * 0.008));
      this.draw();
    };
    canvas.addEventListener("wheel", (e) => { e.preventDefault(); this.near(Math.exp(e.deltaY * 0.001)); }, { passive: false });
    canvas.ondblclick = () => { this.home(); this.draw(); };
    canvas.onkeydown = (e) => {
      const step = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[e.key];
      if (step) { this.turned += step[0]; this.raised += step[1]; this.draw(); e.preventDefault(); }
      if (e.key === "+" || e.key === "-") this.near(e.key === "+" ? 0.9 : 1.1);
    };
    new ResizeObserver(() => this.draw()).observe(canvas);
  }

  home() { this.turned = -0.45; this.raised = 0.3; this.away = 1; }

  near(by) { this.away = Math.max(0.2, Math.min(4, this.away * by)); this.draw(); }

  // show draws the mesh in a GLB file, or nothing.
  async show(data) {
    const gl = this.gl;
    this.buffers.forEach((b) => gl.deleteBuffer(b));
    this.buffers = [];
    this.mesh = null;
    if (data) {
      const m = readGLB(data);
      this.mesh = { ...m, array: this.upload(m, ["place", "normal", "colour", "spot"], m.index), picture: null };
      const lo = m.place.min, hi = m.place.max;
      this.middle = lo.map((v, i) => (v + hi[i]) / 2);
      this.size = Math.hypot(...hi.map((v, i) => v - lo[i])) / 2;
      this.grid = this.upload(this.lines(lo[1]), ["place"], null);
      if (m.picture) {
        this.texture ??= gl.createTexture();
        gl.bindTexture(gl.TEXTURE_2D, this.texture);
        gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, await createImageBitmap(m.picture));
        gl.generateMipmap(gl.TEXTURE_2D);
        this.mesh.picture = this.texture;
      }
    }
    this.draw();
  }

  // lines is a bed of centimetres about the middle, at the height of the lowest point.
  lines(y) {
    const v = [], step = 0.01, n = Math.max(8, Math.ceil(this.size * 2.2 / step));
    for (let i = -n; i <= n; i++) v.push(i * step, y, -n * step, i * step, y, n * step, -n * step, y, i * step, n * step, y, i * step);
    return { place: { values: new Float32Array(v), width: 3, kind: this.gl.FLOAT, normalized: false, count: v.length / 3 } };
  }

  upload(parts, names, index) {
    const gl = this.gl, array = gl.createVertexArray();
    gl.bindVertexArray(array);
    names.forEach((name) => {
      const a = parts[name], slot = gl.getAttribLocation(this.program, name);
      if (!a || slot < 0) return;
      const b = gl.createBuffer();
      this.buffers.push(b);
      gl.bindBuffer(gl.ARRAY_BUFFER, b);
      gl.bufferData(gl.ARRAY_BUFFER, a.values, gl.STATIC_DRAW);
      gl.enableVertexAttribArray(slot);
      gl.vertexAttribPointer(slot, a.width, a.kind, a.normalized, 0, 0);
    });
    if (index) {
      const b = gl.createBuffer();
      this.buffers.push(b);
      gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, b);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, index.values, gl.STATIC_DRAW);
    }
    gl.bindVertexArray(null);
    return { array, count: index ? index.count : parts.place.count, kind: index?.kind };
  }

  draw() {
    const gl = this.gl, c = this.canvas, scale = Math.min(devicePixelRatio, 2);
    c.width = Math.max(1, c.clientWidth * scale);
    c.height = Math.max(1, c.clientHeight * scale);
    gl.viewport(0, 0, c.width, c.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    if (!this.mesh) return;
    gl.useProgram(this.program);
    gl.enable(gl.DEPTH_TEST);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
    const aspect = c.width / c.height, zoom = 1 / Math.tan(0.3), away = 3.6 * this.away * Math.max(1, 1 / aspect);
    const s = 1 / this.size, cy = Math.cos(this.turned), sy = Math.sin(this.turned), cx = Math.cos(this.raised), sx = Math.sin(this.raised);
    const rot = [cy, sx * sy, -cx * sy, 0, cx, sx, sy, -sx * cy, cx * cy]; // about y, then about x; by columns
    const to = [0, 1, 2].map((i) => -s * (rot[i] * this.middle[0] + rot[3 + i] * this.middle[1] + rot[6 + i] * this.middle[2]));
    gl.uniformMatrix4fv(this.at("view"), false, [...rot.slice(0, 3).map((v) => v * s), 0, ...rot.slice(3, 6).map((v) => v * s), 0, ...rot.slice(6).map((v) => v * s), 0, to[0], to[1], to[2] - away, 1]);
    const n = 0.05, f = 40;
    gl.uniformMatrix4fv(this.at("lens"), false, [zoom / aspect, 0, 0, 0, 0, zoom, 0, 0, 0, 0, (f + n) / (n - f), -1, 0, 0, 2 * f * n / (n - f), 0]);
    gl.uniform1i(this.at("painted"), this.mesh.picture ? 1 : 0);
    gl.vertexAttrib4f(gl.getAttribLocation(this.program, "colour"), 1, 1, 1, 1);
    gl.uniform1i(this.at("flat_"), 0);
    gl.uniform4fv(this.at("plain"), this.mesh.base);
    gl.bindVertexArray(this.mesh.array.array);
    gl.drawElements(gl.TRIANGLES, this.mesh.array.count, this.mesh.array.kind, 0);
    gl.uniform1i(this.at("flat_"), 1);
    gl.uniform4f(this.at("plain"), 0.42, 0.46, 0.55, 0.5);
    gl.bindVertexArray(this.grid.array);
    gl.drawArrays(gl.LINES, 0, this.grid.count);
    gl.bindVertexArray(null);
  }
}
