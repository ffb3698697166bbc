// SCIMMY behind its express routers, its handlers on plain maps, with an index for what the benchmarks filter by:
// the fastest that the documented handlers allow. Usage: node scimmy.mjs PORT
import { randomUUID } from "node:crypto";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

class Store {
    resources = new Map();
    indexes;

    constructor(...indexed) {
        this.indexes = new Map(indexed.map((name) => [name, new Map()]));
    }

    ingress = (resource, data) => {
        const id = resource.id ?? randomUUID();
        const now = new Date().toISOString();
        const before = this.resources.get(id);
        if (resource.id && !before) throw new SCIMMY.Types.Error(404, null, `Resource ${id} not found`);
        const stored = { ...JSON.parse(JSON.stringify(data)), id };
        stored.meta = { created: before?.meta.created ?? now, lastModified: now };
        for (const [name, index] of this.indexes) {
            if (before) index.delete(before[name]);
            if (stored[name] !== undefined) index.set(stored[name], stored);
        }
        this.resources.set(id, stored);
        return stored;
    };

    egress = (resource) => {
        if (resource.id) {
            const found = this.resources.get(resource.id);
            if (!found) throw new SCIMMY.Types.Error(404, null, `Resource ${resource.id} not found`);
            return found;
        }
        if (!resource.filter) return [...this.resources.values()];
        for (const [name, index] of this.indexes) {
            const [comparator, value] = resource.filter.length === 1 ? (resource.filter[0][name] ?? []) : [];
            if (comparator === "eq") return index.has(value) ? [index.get(value)] : [];
        }
        return resource.filter.match([...this.resources.values()]);
    };

    degress = (resource) => {
        if (!this.resources.delete(resource.id)) throw new SCIMMY.Types.Error(404, null, "Not found");
    };
}

function declare(type, store) {
    SCIMMY.Resources.declare(type).ingress(store.ingress).egress(store.egress).degress(store.degress);
}

declare(SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser), new Store("userName", "externalId"));
declare(SCIMMY.Resources.Group, new Store("displayName"));

const app = express();
app.use("/scim", new SCIMMYRouters({ type: "bearer", handler: () => "bench" }));
const server = app.listen(Number(process.argv[2]), "127.0.0.1");
server.keepAliveTimeout = 600_000; // connections that rest while another operation is measured stay open
