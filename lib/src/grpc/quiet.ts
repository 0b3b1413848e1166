// grpc-js has a log of its own on standard error. What goes wrong reaches us as errors, and we say it in
// sentences where it belongs.
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';

setLogVerbosity(logVerbosity.NONE);
