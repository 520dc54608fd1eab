/** Features of the layers, fetched once, page after page. */
import { get } from "./api.js";

const PAGE = 5000;
const MOST_PAGES = 40;

export function openData(catalogue) {
  const loads = new Map();
  const byId = new Map();

  async function fetchAll(name, params) {
    const features = [];
    let path = catalogue.get(name).features;
    let query = { limit: PAGE, ...params };
    for (let page = 0; page < MOST_PAGES && path; page += 1) {
      const answer = await get(path, query);
      features.push(...answer.features);
      path = answer.links?.find((link) => link.rel === "next")?.href;
      query = {};
    }
    for (const feature of features) byId.set(`${name}.${feature.id}`, feature);
    return features;
  }

  return {
    /** All rows of a layer that the role may read. */
    load(name, params = {}) {
      if (!loads.has(name)) {
        const promise = fetchAll(name, params);
        loads.set(name, promise);
        promise.catch(() => loads.delete(name));
      }
      return loads.get(name);
    },
    /** One row: from memory, else from the server. */
    async one(name, id) {
      const known = byId.get(`${name}.${id}`);
      return known || get(`${catalogue.get(name).features}/${id}`);
    },
    /** The rows of a layer anew, in the list that `load` gave. */
    async renew(name) {
      const list = await this.load(name);
      const fresh = await fetchAll(name, {});
      for (const { id } of list) byId.delete(`${name}.${id}`);
      for (const feature of fresh) byId.set(`${name}.${feature.id}`, feature);
      list.splice(0, list.length, ...fresh);
    },
    /** A row that was written, new or anew, in the list that `load` gave. */
    async put(name, feature) {
      byId.set(`${name}.${feature.id}`, feature);
      const list = await this.load(name);
      const at = list.findIndex((one) => one.id === feature.id);
      list.splice(at < 0 ? list.length : at, at < 0 ? 0 : 1, feature);
    },
    /** A row that is gone. */
    async drop(name, id) {
      byId.delete(`${name}.${id}`);
      const list = await this.load(name);
      const at = list.findIndex((one) => one.id === id);
      if (at >= 0) list.splice(at, 1);
    },
    /** Rows of a layer that are here already. */
    known: (name) => [...byId].filter(([key]) => key.startsWith(`${name}.`)).map(([, feature]) => feature),
  };
}
