// Loaded into Azurite before it starts (node --require): it then finds rows by the index of row keys that it keeps.
//
// Azurite looks rows up by partition key first, which is every row of a tenant, and answers a query by asking each row
// of the table: at 10,000 users a call takes three to five times as long as by the index, and more with every row. What
// it answers stays the same; tests hold both against each other.
"use strict";

const path = require("node:path");

const azurite = path.join(__dirname, "..", "node_modules", "azurite", "dist", "src", "table", "persistence");
const Store = require(path.join(azurite, "LokiTableMetadataStore")).default;
const Loki = require(path.join(__dirname, "..", "node_modules", "lokijs"));

const KEY = String.raw`'((?:[^']|'')*)'`;
const SPAN = new RegExp(`^PartitionKey eq ${KEY} and RowKey ge ${KEY} and RowKey lt ${KEY}$`);

/** The rows of a span in key order: as much of Loki's result set as Azurite's query uses. */
class Ordered {
    constructor(collection, low, high) {
        Object.assign(this, { collection, low, high, tests: [], most: Infinity });
    }
    where(test) {
        this.tests.push(test);
        return this;
    }
    sort() {
        return this;
    }
    limit(most) {
        this.most = most;
        return this;
    }
    data() {
        const { collection, high, tests } = this;
        const found = [];
        const order = collection.binaryIndices.RowKey.values;
        for (let place = start(collection, this.low); place < order.length && found.length < this.most; place++) {
            const row = collection.data[order[place]];
            if (row.RowKey >= high) break;
            if (tests.every((test) => test(row))) found.push(row);
        }
        return found;
    }
}

/** The place of the first row whose key is not less. */
function start(collection, key) {
    const order = collection.binaryIndices.RowKey.values;
    let [low, high] = [0, order.length];
    while (low < high) {
        const middle = (low + high) >> 1;
        if (collection.data[order[middle]].RowKey < key) low = middle + 1;
        else high = middle;
    }
    return low;
}

/** Whether Loki's order is that of text: it puts keys that read as numbers before all others, in an order of their own. */
function ordered(collection) {
    const first = collection.binaryIndices.RowKey.values[0];
    return first === undefined || Number.isNaN(Number(collection.data[first].RowKey));
}

const findOne = Loki.Collection.prototype.findOne;
Loki.Collection.prototype.findOne = function (query) {
    if (query?.RowKey === undefined || query.PartitionKey === undefined) return findOne.call(this, query);
    return findOne.call(this, { RowKey: query.RowKey, PartitionKey: query.PartitionKey });
};

const queryTableEntities = Store.prototype.queryTableEntities;
Store.prototype.queryTableEntities = function (context, account, table, options, partition, row) {
    const span = SPAN.exec(options.filter ?? "");
    const collection = span && this.getEntityCollection(account, table, context);
    if (!span || !ordered(collection)) {
        return queryTableEntities.call(this, context, account, table, options, partition, row);
    }
    const [from, high] = [span[2], span[3]].map((key) => key.replaceAll("''", "'"));
    const next = this.decodeContinuationHeader(row) ?? "";
    const view = { chain: () => new Ordered(collection, next > from ? next : from, high) };
    const self = Object.create(this, { getEntityCollection: { value: () => view } });
    return queryTableEntities.call(self, context, account, table, options, partition, row);
};
