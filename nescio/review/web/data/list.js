// The list of documents.

import { get } from "./server.js";

const cell = (text) => Object.assign(document.createElement("td"), { textContent: text });

try {
  const { documents, reader } = await get("/api/documents");
  document.getElementById("reader").textContent = `You decide as ${reader}.`;
  for (const one of documents) {
    const row = document.createElement("tr");
    const name = document.createElement("td");
    if (one.error) {
      name.textContent = one.doc;
      const why = cell(one.error);
      why.colSpan = 3;
      row.append(name, why);
    } else {
      name.append(Object.assign(document.createElement("a"), { href: `/d/${one.doc}`, textContent: one.doc }));
      row.append(name, cell(one.pages), cell(one.flagged || "none"), cell(`${one.decided} of ${one.total}`));
    }
    document.getElementById("documents").append(row);
  }
  document.getElementById("status").textContent = documents.length ? "" : "There is no proposal.";
} catch (error) {
  document.getElementById("status").textContent = error.message;
}
