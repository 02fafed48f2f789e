#!/bin/sh
if [ ! -f data/meta.properties ]; then
  kafka-storage.sh format -t Jw1VvHcIRz-lwnPSJmuXaQ -c server.properties
fi
