import { startPlatform } from '../local/platform.ts';
import { readSettings } from '../local/settings.ts';

// The embedded platform in a process of its own, so that its memory can be told apart. A line says that it is up.
const platform = await startPlatform({ settings: readSettings(process.env) });
process.once('SIGTERM', () => void platform.close().then(() => process.exit(0)));
process.stdout.write('up\n');
