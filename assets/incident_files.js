/* Files of an incident, in the dock: added by a button or by dropping them anywhere on the room, shown small, saved by a click.

   What is being sent stands in the list until the center has taken it; what it refused stays with the reason, to be tried again. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});
  const byId = (id) => document.getElementById(id);
  const el = (...given) => center.el(...given);
  const t = center.incidentText;
  const LARGEST_BYTES = 4 * 1024 * 1024; // services/attachments.py; larger pictures are drawn anew, smaller
  const KINDS = "image/png,image/jpeg,image/gif,image/webp,application/pdf,video/mp4,text/plain";
  const SIGNS = { "application/pdf": "PDF", "video/mp4": "MP4", "text/plain; charset=utf-8": "TXT" };
  const sizeOf = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
  const isPicture = (kind) => kind.startsWith("image/");
  const holdsFiles = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");

  center.IncidentFiles = class {
    constructor(room) {
      Object.assign(this, { room, sending: [], number: 0, depth: 0 });
      this.place = byId("incident-files");
      this.input = el("input", "", { type: "file", multiple: "", accept: KINDS, id: "incident-file-input", tabindex: "-1", "aria-hidden": "true" });
      this.input.addEventListener("change", () => [this.add(this.input.files), (this.input.value = "")]);
      this.button = center.incidentButton("act", "file_add", () => this.input.click(), { id: "incident-file-add", "data-key": "file-add" });
      this.list = el("ul", "incident-file-list");
      this.bar = el("div", "incident-file-bar", {}, this.button, this.input, el("span", "quiet", {}, ...t.both("file_hint")));
      this.place.replaceChildren(this.bar, this.list);
      this.place.addEventListener("click", (event) => this.clicked(event));
      room.on("changed", (standing) => standing && this.show(standing));
      this.drops();
    }

    /* ---- what there is ---- */

    show({ incident, tasks }) {
      this.bar.hidden = !this.open;
      const look = JSON.stringify([incident.files, incident.attached, tasks.map((task) => task.files), this.open, this.room.mayChange]);
      if (look !== this.look) [(this.look = look), this.draw()];
    }

    get open() {
      return this.room.takesPart && this.room.incident.state !== "closed";
    }

    draw() {
      const { incident, tasks } = this.room;
      const known = new Map((incident.attached || []).map((one) => [one.hash, one]));
      const own = incident.files.map((hash) => this.file(known.get(hash) || { hash, name: hash.slice(0, 12), kind: "" }, true));
      const photos = tasks.flatMap((task) => task.files.map((hash) => this.file({ hash, name: hash.slice(0, 12), kind: "image/", task })));
      const shown = [...this.sending.map((one) => this.waiting(one)), ...own.reverse(), ...photos];
      const place = document.querySelector('#incident-tabs [data-tab="files"] .incident-tab-count');
      const count = own.length + photos.length;
      place.textContent = count ? String(count) : "";
      center.incidentPut(this.list, ...(shown.length ? shown : [el("li", "incident-file-none quiet", {}, ...t.both("file_none"))]));
    }

    file({ hash, name, kind, size, by, at_us: at, task }, own = false) {
      const address = `/api/incidents/${this.room.id}/files/${hash}`;
      const face = isPicture(kind) ? el("img", "", { src: address, alt: name, loading: "lazy" }) : el("b", "", { "aria-hidden": "true" }, SIGNS[kind] || "…");
      const view = isPicture(kind) ? el("button", "incident-file-face", { type: "button", "data-picture": address, "data-name": name, "data-key": `view-${hash}`, ...t.titled("file_view", name) }, face) : el("a", "incident-file-face", { href: address, download: name, tabindex: "-1", "aria-hidden": "true" }, face);
      const title = task ? el("a", "incident-file-name", { href: address, download: `${name}.jpg` }, ...t.label(task.title)) : el("a", "incident-file-name", { href: address, download: name, "data-key": `save-${hash}` }, name);
      const said = task ? t.both("file_of_task") : [...(by ? t.label(t.person(by)) : []), ...(at ? [" · ", el("span", "num", {}, t.moment(at))] : []), ...(size ? [" · ", el("span", "num", {}, sizeOf(size))] : [])];
      const remove = own && this.room.mayChange && this.open ? [el("button", "close", { type: "button", "data-remove": hash, ...t.titled("file_remove", name) }, "✕")] : [];
      return el("li", "incident-file", { "data-file": hash }, view, el("div", "", {}, title, el("span", "quiet", {}, ...said)), ...remove);
    }

    waiting(one) {
      const said = one.refused ? [el("span", "wrong", { role: "alert" }, ...t.label(one.refused))] : [el("span", "quiet", { role: "status" }, ...t.both("file_sending"))];
      const acts = one.refused ? [el("button", "copy", { type: "button", "data-again": String(one.number) }, ...t.both("file_again")), el("button", "close", { type: "button", "data-forget": String(one.number), ...t.titled("file_forget", one.file.name) }, "✕")] : [];
      return el("li", `incident-file ${one.refused ? "not-taken" : "in-flight"}`, {}, el("span", "incident-file-face", { "aria-hidden": "true" }, el("b", "", {}, one.refused ? "!" : "↑")), el("div", "", {}, el("span", "incident-file-name", {}, one.file.name), ...said), ...acts);
    }

    /* ---- adding ---- */

    add(files) {
      for (const file of files) this.sending.push({ file, number: ++this.number, refused: null });
      this.room.tab("files");
      this.draw();
      this.send();
    }

    /* One after the other: what was chosen first stands first. */
    async send() {
      if (this.busy) return;
      this.busy = true;
      for (let next; (next = this.sending.find((one) => !one.refused)); ) await this.sendOne(next);
      this.busy = false;
    }

    async sendOne(one) {
      const held = await smaller(one.file);
      const answer = held.size > LARGEST_BYTES ? { ok: false, ...pairOf("file_large") } : await center.incidentAsk("POST", `/${this.room.id}/files?name=${encodeURIComponent(nameOf(one.file))}`, held);
      if (!answer.ok) return [(one.refused = answer), this.draw()];
      this.sending = this.sending.filter((other) => other !== one);
      this.look = "";
      this.room.put(answer.body);
      this.room.refresh();
    }

    clicked(event) {
      const button = event.target.closest("button");
      if (!button) return;
      const { picture, name, remove, again, forget } = button.dataset;
      const one = this.sending.find(({ number }) => number === Number(again || forget));
      if (picture) look(picture, name, button);
      else if (remove) this.room.attempt({ do: "unlink", kind: "files", what: [remove] });
      else if (again) [(one.refused = null), this.draw(), this.send()];
      else if (forget) [(this.sending = this.sending.filter((other) => other !== one)), this.draw()];
    }

    /* A file that is dropped beside the list is meant for the incident as well: else the browser would leave the page for it. */
    drops() {
      const veil = byId("incident-drop");
      veil.replaceChildren(el("p", "", {}, ...t.both("file_drop")));
      const over = (on) => (veil.hidden = !on);
      const handlers = {
        dragenter: () => [(this.depth += 1), over(this.open)],
        dragleave: () => [(this.depth -= 1), this.depth <= 0 && over(false)],
        dragover: () => {},
        drop: (event) => [(this.depth = 0), over(false), this.open && this.add(event.dataTransfer.files)],
      };
      for (const [name, act] of Object.entries(handlers))
        document.addEventListener(name, (event) => {
          if (!byId("incident-room") || !this.room.standing || !holdsFiles(event)) return;
          event.preventDefault();
          act(event);
        });
    }
  };

  const pairOf = (key) => Object.fromEntries(t.pair(key).map((text, place) => [["zh", "en"][place], text]));
  const nameOf = ({ name }) => name.replace(/[\u0000-\u001f\u007f/\\]/g, "_").trim().slice(-200) || "_";

  /* A picture that is too large, drawn anew; anything else as it is. */
  async function smaller(file) {
    if (file.size <= LARGEST_BYTES || !isPicture(file.type)) return file;
    try {
      return await (await fetch(await center.fieldPhoto(file))).blob();
    } catch (error) {
      return file; // no picture after all: its size is said
    }
  }

  /* A picture as large as the page. */
  function look(address, name, from) {
    const dialog = el("dialog", "incident-picture", { "aria-label": name }, el("img", "", { src: address, alt: name }), el("p", "", {}, name, el("button", "plain", { type: "button" }, ...t.both("file_close"), el("kbd", "", {}, "Esc"))));
    dialog.addEventListener("click", () => dialog.close());
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    dialog.addEventListener("close", () => [dialog.remove(), from.isConnected && from.focus()]);
    document.getElementById("desk").append(dialog);
    dialog.showModal();
  }
})();
