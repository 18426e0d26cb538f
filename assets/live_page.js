/* The data plane of a whole page: one connection to /live for all its maps, lists and walls, and what it holds.

   opsCenter.page.live.add(consumer) → a function that takes the consumer off again. A consumer has
     wanted()               → {layers?, districts?, alarms?, alarms_seq?, incidents?, incidents_seq?, notices?, wall?}: what it wants now
     onCell(cell)           {name, layer, frame, geometry}: complete, of a layer it wants; also at once for what is held
     onGone(name)           the server has no such cell any more
     onAlarms(frame), onIncidents(frame), onNotices(frame), onWall(frame), onHeartbeat(heartbeat), onState(connected), onSubscribed(header)
   all handlers optional. `subscribe()` says that what somebody wants has changed; asked for is the union.

   A cell is held once, and its geometry fetched once, however many maps draw it. */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});

  class LivePage {
    constructor() {
      this.consumers = new Map(); // consumer → names of the layers whose cells it was given
      this.cells = new Map(); // name → {name, layer, frame, geometry}: what is held of each cell
      this.connected = false;
      this.heartbeat = null;
      this.asking = null;
    }

    add(consumer) {
      this.consumers.set(consumer, new Set());
      this.open();
      if (this.heartbeat && consumer.onHeartbeat) consumer.onHeartbeat(this.heartbeat);
      if (this.connected && consumer.onState) consumer.onState(true);
      this.subscribe();
      return () => this.consumers.delete(consumer) && this.subscribe();
    }

    open() {
      if (this.line) return;
      this.line = new center.Live({
        wanted: () => this.wanted(),
        onCell: (frame) => this.take(frame),
        onGone: (name) => this.gone(name),
        onSubscribed: (header) => this.keep(header),
        onAlarms: (frame) => this.tell("onAlarms", frame, (consumer) => consumer.wanted().alarms),
        onIncidents: (frame) => this.tell("onIncidents", frame, (consumer) => consumer.wanted().incidents),
        onNotices: (frame) => this.tell("onNotices", frame, (consumer) => consumer.wanted().notices),
        onWall: (frame) => this.tell("onWall", frame, (consumer) => consumer.wanted().wall),
        onHeartbeat: (heartbeat) => this.hear(heartbeat),
        onState: (connected) => this.state(connected),
        onEnded: (code) => this.ended(code),
      });
    }

    hear(heartbeat) {
      this.heartbeat = heartbeat;
      if (center.line) center.line.asOf(center.alarmAge(heartbeat).stale_s);
      this.tell("onHeartbeat", heartbeat);
    }

    /* What came over the connection, bytes. */
    get bytes() {
      return this.line ? this.line.bytes : 0;
    }

    tell(handler, said, wants = () => true) {
      for (const consumer of [...this.consumers.keys()]) if (consumer[handler] && wants(consumer)) consumer[handler](said);
    }

    /* Ask for what is wanted now; several changes of one moment are one question. */
    subscribe() {
      if (this.asking) return;
      this.asking = setTimeout(() => {
        this.asking = null;
        this.replay();
        this.line.subscribe();
      });
    }

    /* Give what is held of layers to those who have come to want them. */
    replay() {
      for (const [consumer, given] of this.consumers) {
        const layers = new Set(consumer.wanted().layers || []);
        const added = new Set([...layers].filter((name) => !given.has(name)));
        this.consumers.set(consumer, layers);
        if (!added.size || !consumer.onCell) continue;
        for (const cell of this.cells.values()) if (cell.frame && added.has(cell.layer)) consumer.onCell(cell);
      }
    }

    /* The union of what all want, and which versions are held. */
    wanted() {
      const each = [...this.consumers.keys()].map((consumer) => consumer.wanted());
      const layers = [...new Set(each.flatMap((one) => one.layers || []))];
      const since = {};
      for (const { name, layer, frame } of this.cells.values()) if (frame && layers.includes(layer)) since[name] = frame.header.version;
      const bounded = each.filter((one) => (one.layers || []).length);
      const districts = bounded.length && bounded.every((one) => one.districts) ? { districts: [...new Set(bounded.flatMap((one) => one.districts))] } : {};
      const wall = each.map((one) => one.wall).find(Boolean);
      return { layers, since, ...districts, ...stepsOf(each, "alarms"), ...stepsOf(each, "incidents"), ...(each.some((one) => one.notices) ? { notices: true } : {}), ...(wall ? { wall } : {}) };
    }

    /* ---- cells ---- */

    take(frame) {
      const { cell: name, layer, geometry } = frame.header;
      const cell = this.cells.get(name) || { name, layer };
      this.cells.set(name, cell);
      if (cell.geometry && cell.geometry.header.geometry === geometry) {
        cell.next = null;
        this.put(cell, frame, cell.geometry);
      } else {
        cell.next = frame; // the former frame stays on the maps until the new geometry is here
        this.fetchGeometry(cell, geometry);
      }
    }

    put(cell, frame, geometry) {
      Object.assign(cell, { frame, geometry });
      this.tell("onCell", cell, (consumer) => this.consumers.get(consumer).has(cell.layer));
    }

    async fetchGeometry(cell, version) {
      if (cell.fetching === version) return;
      cell.fetching = version;
      try {
        const geometry = await center.fetchGeometry(cell.name, version);
        if (geometry && cell.fetching === version && cell.next && this.cells.get(cell.name) === cell) {
          const frame = cell.next;
          cell.next = null;
          this.put(cell, frame, geometry);
        }
      } finally {
        if (cell.fetching === version) cell.fetching = null;
      }
    }

    gone(name) {
      if (this.cells.delete(name)) this.tell("onGone", name);
    }

    /* Drop the cells of the subscribed layers that the server doesn't have any more. */
    keep(header) {
      for (const { name, layer } of [...this.cells.values()]) if (header.layers.includes(layer) && !(name in header.cells)) this.gone(name);
      this.tell("onSubscribed", header);
    }

    /* ---- the line ---- */

    state(connected) {
      this.connected = connected;
      if (!connected) center.session.ask(); // it may be the session that is gone, not the line
      this.tell("onState", connected);
    }

    /* The stream says that it is over. If the session is still good, only what it may see has changed: begin anew. */
    async ended(code) {
      if (code === 4403) center.session.ended("rights");
      else if (await center.session.ask()) this.line.resume();
    }
  }

  /* What comes by numbered steps: who holds none yet needs all of it; else it goes on from the oldest that somebody holds. */
  function stepsOf(each, name) {
    const wanting = each.filter((one) => one[name]);
    if (!wanting.length) return {};
    const seqs = wanting.map((one) => one[`${name}_seq`]);
    return { [name]: true, ...(seqs.every((seq) => typeof seq === "number") ? { [`${name}_seq`]: Math.min(...seqs) } : {}) };
  }

  /* Return the geometry of a cell in one version, decoded; null if the server doesn't have it (any more). */
  center.fetchGeometry = async function (name, version) {
    try {
      const answer = await fetch(`/live/geometry/${name}/${version}`);
      return answer.ok ? center.decodeFrames(await answer.arrayBuffer())[0] : null;
    } catch (error) {
      // The server went away between frame and question: the next frame asks again.
      if (!(error instanceof TypeError)) throw error;
      return null;
    }
  };

  center.page = center.page || {};
  center.page.live = new LivePage();
})();
