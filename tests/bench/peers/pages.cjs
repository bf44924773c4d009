// SPDX-License-Identifier: MIT
// One peer over many pages: node pages.cjs PEER <REQUESTS >ANSWERS; --probe PEER: whether it can be loaded.
//
// A request is a line of JSON, {id, html: path, url, content_type}; an answer has the keys that the corpus' scorer
// knows. A page that a peer fails on is an answer without values. Run where the packages are (NODE_PATH does not serve
// modules): the packages are found from the working directory.
const fs = require('fs'), path = require('path'), { createRequire } = require('module'), { pathToFileURL } = require('url');
const here = createRequire(path.join(process.cwd(), 'package.json'));
const load = async name => {
  try { return here(name); } catch (e) {
    if (e.code !== 'ERR_REQUIRE_ESM' && e.code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED' && e.code !== 'MODULE_NOT_FOUND') throw e;
  }
  // a package for import alone, or a path of its own: as node would find it from here
  const [scope, ...rest] = name.split('/'), scoped = scope.startsWith('@');
  const base = path.join(process.cwd(), 'node_modules', scoped ? path.join(scope, rest.shift()) : scope);
  const entry = JSON.parse(fs.readFileSync(path.join(base, 'package.json'))).exports;
  const wanted = entry[rest.length ? './' + rest.join('/') : '.'] || entry;
  return import(pathToFileURL(path.join(base, wanted.import || wanted.default || wanted)));
};

const charset = (bytes, type) => {
  const said = /charset=["']?([\w-]+)/i.exec(type || '') || /charset=["']?([\w-]+)/i.exec(bytes.subarray(0, 4096).toString('latin1'));
  return said ? said[1] : 'utf-8';
};
const decode = (bytes, type) => {
  try { return new TextDecoder(charset(bytes, type)).decode(bytes); } catch { return new TextDecoder().decode(bytes); }
};
// blocks on lines of their own, as a reader sees them
const text = (html, parse) => html && parse(`<!doctype html><html><body>${html.replace(/<\/(p|div|li|h\d|blockquote|tr|pre|figcaption)>|<br\s*\/?>/gi, '$&\n')}</body></html>`)
  .document.body.textContent;
const names = s => s ? [].concat(s) : undefined;

const peers = {
  async metascraper() {
    const rules = [];
    for (const field of ['author', 'date', 'description', 'image', 'lang', 'publisher', 'title', 'url'])
      rules.push((await load('metascraper-' + field))());
    const scrape = (await load('metascraper'))(rules);
    return async (html, url) => {
      const m = await scrape({ html, url });
      return { title: m.title, excerpt: m.description, image: m.image, date: m.date, provider_name: m.publisher, canonical: m.url, lang: m.lang, author: names(m.author) };
    };
  },
  async readability() {
    const { Readability } = await load('@mozilla/readability'), { parseHTML } = await load('linkedom');
    return async html => {
      const a = new Readability(parseHTML(html).document).parse() || {};
      return { title: a.title, excerpt: a.excerpt, date: a.publishedTime, provider_name: a.siteName, lang: a.lang, author: names(a.byline), text: text(a.content, parseHTML) };
    };
  },
  async postlight() { return mercury(await load('@postlight/parser')); },
  async mercury() { return mercury(await load('@jocmp/mercury-parser')); },
  async 'article-extractor'() {
    const { extractFromHtml } = await load('@extractus/article-extractor'), { parseHTML } = await load('linkedom');
    return async (html, url) => {
      const a = await extractFromHtml(html, url) || {};
      return { title: a.title, excerpt: a.description, image: a.image, date: a.published, provider_name: a.source, canonical: a.url, author: names(a.author), text: text(a.content, parseHTML) };
    };
  },
  async defuddle() {
    const { Defuddle } = await load('defuddle/node'), { parseHTML } = await load('linkedom');
    return async (html, url) => {
      const a = await Defuddle(parseHTML(html).document, url) || {};
      return { title: a.title, excerpt: a.description, image: a.image, date: a.published, provider_name: a.site, lang: a.language, author: names(a.author), text: text(a.content, parseHTML) };
    };
  },
};
const mercury = async module => {
  const parser = module.default || module, { parseHTML } = await load('linkedom');
  return async (html, url) => {
    const a = await parser.parse(url, { html, fetchAllPages: false }) || {};
    return { title: a.title, excerpt: a.dek || a.excerpt, image: a.lead_image_url, date: a.date_published, canonical: a.url, author: names(a.author), text: text(a.content, parseHTML) };
  };
};

(async () => {
  const probe = process.argv[2] === '--probe', name = process.argv[probe ? 3 : 2];
  const read = await peers[name]();
  if (probe) return;
  // what a peer prints for itself, or throws behind our back, is no answer
  console.log = console.error = console.warn = () => {};
  process.on('uncaughtException', () => {});
  process.on('unhandledRejection', () => {});
  for (const line of fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
    const request = JSON.parse(line);
    let answer = {};
    try {
      answer = await read(decode(fs.readFileSync(request.html), request.content_type), request.url || 'https://page.example/');
    } catch (e) { /* an answer without values */ }
    if (!request.url) delete answer.canonical;
    process.stdout.write(JSON.stringify({ id: request.id, ...answer }) + '\n');
  }
  process.exit(0);
})().catch(e => { process.stderr.write(String(e) + '\n'); process.exit(1); });
