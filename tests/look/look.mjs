// Pictures of pages in Chromium, and what axe-core finds in them: node look.mjs CHROMIUM PAGE…
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(resolve('package.json'));
const { default: puppeteer } = await import(pathToFileURL(require.resolve('puppeteer-core')));
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const [executablePath, ...files] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
let wrong = 0;
for (const file of files) {
  const name = basename(file, '.html');
  for (const scheme of ['light', 'dark']) {
    for (const width of [320, 360, 1000, 2560]) {
      const page = await browser.newPage();
      // axe-core is a script, and the pages allow none.
      await page.setBypassCSP(true);
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await page.setViewport({ width, height: 900 });
      const loaded = [];
      page.on('request', (request) => loaded.push(request.url()));
      await page.goto(pathToFileURL(resolve(file)).href);
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      await page.screenshot({ path: `${name}-${scheme}-${width}.png`, fullPage: true });
      await page.evaluate(axe);
      const found = await page.evaluate(async () =>
        (await globalThis.axe.run()).violations.map((it) => `${it.id} (${it.nodes.length}): ${it.nodes[0].html}`));
      console.log(`${name} ${scheme} ${width}: ${beyond} pixels beyond the edge, ${loaded.length - 1} loaded, ${found.length} found`);
      found.forEach((text) => console.log(`  ${text}`));
      wrong += Math.max(beyond, 0) + loaded.length - 1 + found.length;
      await page.close();
    }
  }
  const page = await browser.newPage();
  await page.goto(pathToFileURL(resolve(file)).href);
  await page.pdf({ path: `${name}.pdf`, format: 'A4' });
  await page.close();
}
await browser.close();
process.exitCode = wrong > 0 ? 1 : 0;
