// One entry per surface, so that a phone loads only its own. The server embeds dist/ and serves a
// surface's page for every path below it; `npm run dev` does the same and passes /api to the server.
import { type Connect, defineConfig, type Plugin } from "vite";

const server = process.env.HEJIE_SERVER ?? "http://localhost:8443";

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; " +
  "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The same addresses as the server's: /j/DEVICE is j.html, and so on. */
function surfaces(): Plugin {
  const pages: [RegExp, string][] = [
    [/^\/j(\/|$|\?)/, "/j.html"],
    [/^\/station(\/|$|\?)/, "/station.html"],
    [/^\/desk(\/|$|\?)/, "/desk.html"],
    [/^\/(verify|v)(\/|$|\?)/, "/verify.html"],
  ];
  const rewrite: Connect.NextHandleFunction = (req, _res, next) => {
    const hit = pages.find(([path]) => path.test(req.url ?? ""));
    if (hit) req.url = hit[1];
    next();
  };
  // `vite preview` is also as strict as the server.
  const strict: Connect.NextHandleFunction = (_req, res, next) => {
    res.setHeader("content-security-policy", POLICY);
    next();
  };
  return {
    name: "surfaces",
    configureServer: (dev) => void dev.middlewares.use(rewrite),
    configurePreviewServer: (preview) => void preview.middlewares.use(strict).use(rewrite),
  };
}

export default defineConfig({
  plugins: [surfaces()],
  build: {
    target: ["chrome86", "safari14"],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        // A catalogue's chunk says its language: scripts/size.mjs counts one of the two.
        chunkFileNames: (chunk) => {
          const language = /i18n\/(zh|en)\//.exec(chunk.facadeModuleId ?? "")?.[1];
          return `assets/${language ? `${language}-` : ""}[name]-[hash].js`;
        },
      },
      input: {
        index: "index.html",
        j: "j.html",
        station: "station.html",
        desk: "desk.html",
        verify: "verify.html",
      },
    },
  },
  server: {
    proxy: {
      "/api": { target: server, ws: true, secure: false },
      "/log": { target: server, secure: false },
    },
  },
  test: { include: ["test/**/*.test.ts"], environment: "node" },
} as Parameters<typeof defineConfig>[0]);
