// Says what Microsoft's own parser of KQL finds wrong: {"tables": {name: "(Column: type, …)"}, "queries": [text]} on
// standard input, a list of findings for each query on standard output.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const library = path.join(__dirname, "..", "..", "node_modules", "@kusto", "language-service-next");
globalThis.self = globalThis; // the library looks for a browser's window
require(path.join(library, "bridge.min.js"));
require(path.join(library, "Kusto.Language.Bridge.min.js"));
const { GlobalState, KustoCode, Symbols } = globalThis.Kusto.Language;

const { tables, queries } = JSON.parse(fs.readFileSync(0, "utf8"));
const known = Object.entries(tables).map(([name, columns]) => new Symbols.TableSymbol.$ctor7(name, columns, null));
const workspace = new Symbols.DatabaseSymbol.ctor("workspace", known);
const globals = GlobalState.Default.WithDatabase(workspace);

const found = queries.map((query) => {
    const diagnostics = KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
    return Array.from({ length: diagnostics.Count }, (_, n) => diagnostics.getItem(n).Message);
});
process.stdout.write(JSON.stringify(found));
