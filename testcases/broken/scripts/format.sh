#!/bin/sh
kafka-storage.sh format --cluster-id "
for i in ; do
<<EOF
$( $( $(
