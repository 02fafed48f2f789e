#!/bin/sh
kafka-storage.sh format -t Jw1VvHcIRz-lwnPSJmuXaQ -c server.properties --release-version 3.9 --feature transaction.version=0
