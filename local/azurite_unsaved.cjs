// Loaded into Azurite before it starts (node --require): it reads its file and never writes it. LokiJS writes the
// whole file every few seconds while anything changes, which for hundreds of megabytes takes longer than that.
"use strict";

const path = require("node:path");

const Loki = require(path.join(__dirname, "..", "node_modules", "lokijs"));

Loki.prototype.autosaveEnable = () => {};
Loki.prototype.saveDatabase = (callback) => callback?.(null);
