// SPDX-License-Identifier: MIT
// gray-matter over documents: node documents.cjs <LIST. A line of LIST is JSON, {path, title}: the file gets that title.
const fs = require('fs'), path = require('path'), { createRequire } = require('module');
const matter = createRequire(path.join(process.cwd(), 'package.json'))('gray-matter');
for (const line of fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const { path: file, title } = JSON.parse(line);
  try {
    const document = matter(fs.readFileSync(file, 'utf8'), {}); // with options it keeps no cache
    document.data.title = title;
    fs.writeFileSync(file, matter.stringify(document.content, document.data));
  } catch (e) { process.stdout.write(JSON.stringify({ path: file, error: String(e.reason || e) }) + '\n'); }
}
