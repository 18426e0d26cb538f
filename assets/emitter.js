/* Something that tells what happens to it: maps, the stage, the room of an incident.

   on(name, handler) → a function that takes the handler off again; emit(name, said) calls handler(said, who). */
(function () {
  "use strict";
  const center = (window.opsCenter = window.opsCenter || {});

  center.Emitter = class {
    constructor() {
      this.handlers = new Map();
    }

    on(name, handler) {
      if (!this.handlers.has(name)) this.handlers.set(name, new Set());
      this.handlers.get(name).add(handler);
      return () => this.handlers.get(name).delete(handler);
    }

    emit(name, said) {
      for (const handler of this.handlers.get(name) || []) handler(said, this);
    }
  };
})();
