// Fetches the model's files as the build packs them, tells how far it is, and refuses damaged ones.
//
// A pack is what gzip makes of a file; of weights in half precision it holds first all even bytes, then all odd ones,
// which makes it a tenth smaller.
import type { Description, ModelFiles } from "./nano.js";
import type { Progress } from "./types.js";

/** `packs.json`: bytes to fetch of every pack. */
type Sizes = Readonly<Record<"encoder" | "decoder" | "runtime", number> & { language?: number }>;

/** The model's files, and the WebAssembly of ONNX Runtime, from a folder that the build wrote. */
export async function fetchModel(folder: string, progress: Progress): Promise<{ files: ModelFiles; runtime: Uint8Array }> {
  const get = async (name: string) => {
    const response = await fetch(folder + name);
    if (!response.ok) throw new Error(`the model file ${name} cannot be had: status ${response.status}`);
    return response;
  };
  const sizes = (await (await get("packs.json")).json()) as Sizes;
  const about = (await (await get("nano.json")).json()) as Description;
  const tokenizer = await (await get("tokenizer.json")).text();
  const total = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  let loaded = 0;
  const more = (bytes: number) => progress((loaded += bytes), total);
  const unpack = async (name: string) => unpacked(await get(`${name}.pack`), more);
  const language = sizes.language ? unpack("language") : undefined;
  const [encoder, decoder, runtime] = await Promise.all([unpack("encoder"), unpack("decoder"), unpack("runtime")]);
  const files = { about, tokenizer, encoder: whole(encoder), decoder: whole(decoder), language: await language };
  await verify(files.encoder, about.sha256["encoder.onnx"], "encoder.onnx");
  await verify(files.decoder, about.sha256["decoder.onnx"], "decoder.onnx");
  if (files.language) await verify(files.language, about.sha256["language.safetensors"], "language.safetensors");
  return { files, runtime };
}

async function unpacked(response: Response, more: (bytes: number) => void): Promise<Uint8Array> {
  if (!response.body) throw new Error("the model file is empty");
  const counting = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      more(chunk.length);
      controller.enqueue(chunk);
    },
  });
  const stream = response.body.pipeThrough(counting).pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Even bytes first, then odd ones, back in their order. */
function whole(planes: Uint8Array): Uint8Array {
  const out = new Uint8Array(planes.length);
  const odd = (planes.length + 1) >> 1;
  for (let i = 0; i < planes.length; i++) out[i] = planes[(i >> 1) + (i & 1 ? odd : 0)];
  return out;
}

async function verify(file: Uint8Array, checksum: string, name: string): Promise<void> {
  if (!crypto.subtle) return; // only pages by HTTPS, or of this machine, have it
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", file as BufferSource));
  const found = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (found !== checksum) throw new Error(`the model file ${name} is damaged: its checksum differs; load it again`);
}
