import { createServer, type Socket } from 'node:net';

/** What the client said before the server's word; `message`: the whole mail, ended by its dot. */
export type SmtpStage = 'connect' | 'EHLO' | 'MAIL' | 'RCPT' | 'DATA' | 'message';

/** What happens to one connection instead of being served: an answer of the test's, silence (`hang`), or a cut line (`drop`). */
export interface SmtpFault {
  readonly at: SmtpStage;
  readonly answer: string;
}

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body, as they came. */
  readonly data: string;
}

export interface SmtpServer {
  /** `smtp://127.0.0.1:port`. */
  readonly url: string;
  /** Mails whose last dot came, also those that the client was not told of. */
  readonly received: readonly ReceivedMail[];
  /** One for each next connection, in this order; `undefined`: it is served. */
  script(...faults: (SmtpFault | undefined)[]): void;
  close(): Promise<void>;
}

const OK: Readonly<Record<SmtpStage, string>> = {
  connect: '220 ready',
  EHLO: '250-hello\r\n250 8BITMIME',
  MAIL: '250 sender',
  RCPT: '250 recipient',
  DATA: '354 go on',
  message: '250 taken',
};

/** The value of a header, unfolded. */
export const headerOf = ({ data }: ReceivedMail, name: string): string | undefined =>
  new RegExp(`^${name}: (.*(?:\\r\\n[ \\t].*)*)`, 'im').exec(data.split('\r\n\r\n')[0] ?? '')?.[1]?.replace(/\r\n[ \t]/g, ' ');

/** A mail server that takes everything, without TLS, and fails as it is told. */
export async function startSmtpServer(): Promise<SmtpServer> {
  const received: ReceivedMail[] = [];
  const faults: (SmtpFault | undefined)[] = [];
  const sockets = new Set<Socket>();

  function serve(socket: Socket): void {
    const fault = faults.shift();
    let from = '';
    let to: string[] = [];
    let buffered = '';
    let inMessage = false;

    /** False: the client is left alone. */
    function reply(stage: SmtpStage): boolean {
      const answer = fault?.at === stage ? fault.answer : OK[stage];
      if (answer === 'drop') socket.destroy();
      else if (answer !== 'hang') socket.write(`${answer}\r\n`);
      return answer === OK[stage];
    }

    function command(line: string): void {
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO') reply('EHLO');
      else if (verb === 'MAIL') {
        from = /<(.*?)>/.exec(line)?.[1] ?? '';
        to = [];
        reply('MAIL');
      } else if (verb === 'RCPT') {
        to.push(/<(.*?)>/.exec(line)?.[1] ?? '');
        reply('RCPT');
      } else if (verb === 'DATA') inMessage = reply('DATA');
      else if (verb === 'QUIT') socket.end('221 bye\r\n');
      else socket.write('502 unknown\r\n');
    }

    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    reply('connect');
    socket.on('data', (chunk) => {
      buffered += chunk.toString();
      for (;;) {
        const end = inMessage ? '\r\n.\r\n' : '\r\n';
        const at = buffered.indexOf(end);
        if (at === -1) return;
        const text = buffered.slice(0, at);
        buffered = buffered.slice(at + end.length);
        if (inMessage) {
          inMessage = false;
          received.push({ from, to, data: text });
          reply('message');
        } else command(text);
      }
    });
  }

  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The mail server has no port');
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    received,
    script: (...next) => void faults.push(...next),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
