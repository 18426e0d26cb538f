/* The page of a situation report: keeps it live, and issues it. What is typed as outlook is kept until it is issued. */
(function () {
  "use strict";
  const EVERY_MS = 5000;
  const form = document.getElementById("report-issue");
  if (!form) return; // another page, or one that is issued: it never changes
  const { account, incident, language } = form.dataset;
  const key = `ops-center.report-outlook.${account}.${incident}`;
  const said = form.querySelector("output");
  const say = (zh, en) => (said.textContent = language === "en" ? en : zh);
  form.outlook.value = localStorage.getItem(key) || "";
  form.outlook.addEventListener("input", () => localStorage.setItem(key, form.outlook.value));

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    form.querySelector("button").disabled = true;
    try {
      const body = JSON.stringify({ outlook: form.outlook.value });
      const answer = await fetch(`/api/incidents/${incident}/reports`, { method: "POST", headers: { "content-type": "application/json" }, body });
      const found = await answer.json();
      if (answer.ok) {
        localStorage.removeItem(key);
        location.assign(`/incidents/${incident}/report?number=${found.number}&language=${language}`);
        return;
      }
      say(found.zh || "没有签发", found.en || "it was not issued");
    } catch (error) {
      say("服务器没有应答，没有签发", "the server does not answer; nothing was issued");
    }
    form.querySelector("button").disabled = false;
  });

  setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (!answer.ok) return say("未能更新", "could not be renewed");
      const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("report");
      if (found) document.getElementById("report").replaceWith(document.adoptNode(found));
      say("", "");
    } catch (error) {
      say("服务器没有应答，所示为先前内容", "the server does not answer; this is what was last known");
    }
  }, EVERY_MS);
})();
