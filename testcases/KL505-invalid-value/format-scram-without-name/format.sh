#!/bin/sh
kafka-storage.sh format -t Jw1VvHcIRz-lwnPSJmuXaQ -c server.properties --add-scram 'SCRAM-SHA-256=[password=alice-hush]'
