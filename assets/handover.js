/* The hand-over between shifts: paper, and the way to what was just written. Nothing here decides anything. */
(function () {
  "use strict";
  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.handover = {
    print(clicks) {
      if (clicks) window.print();
      return window.dash_clientside.no_update;
    },
    gone(id) {
      if (Number.isInteger(id)) location.assign(`/alarms/handover/${id}`);
      return window.dash_clientside.no_update;
    },
  };
})();
